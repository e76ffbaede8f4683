namespace Refilled.Weights.PyTorch;

/// <summary>The names in a TorchScript archive: besides those of tensors its own classes, whose objects are their values alone.</summary>
internal sealed class ScriptWords : TorchWords
{
    private enum Word { Class, List }

    public override object? Named(string module, string name) =>
        module == "__torch__" || module.StartsWith("__torch__.", StringComparison.Ordinal) ? Word.Class
        : module == "torch.jit._pickle" ? Word.List
        : base.Named(module, name);

    public override object? Called(object? callee, object?[] arguments) => (callee, arguments) switch
    {
        (Word.List, [var items, ..]) => items ?? new List<object?>(),
        (Word.Class, _) => new ScriptObject(),
        _ => base.Called(callee, arguments),
    };

    public override object? Created(object? kind) => kind is Word.Class ? new ScriptObject() : null;

    public override bool Described(object target, object? state) => target is ScriptObject || base.Described(target, state);

    private sealed class ScriptObject;
}
