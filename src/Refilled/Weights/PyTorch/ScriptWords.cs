namespace Refilled.Weights.PyTorch;

/// <summary>The names in a TorchScript archive: besides those of tensors its own classes, whose objects are their values alone.</summary>
internal sealed class ScriptWords : TorchWords
{
    private readonly HashSet<string> classes = [];

    private enum Word { Class, List }

    /// <summary>The classes that were asked for, by their whole names.</summary>
    public IReadOnlyCollection<string> Classes => classes;

    public override object? Named(string module, string name)
    {
        if (module == "torch.jit._pickle") return Word.List;
        if (module != "__torch__" && !module.StartsWith("__torch__.", StringComparison.Ordinal)) return base.Named(module, name);
        classes.Add($"{module}.{name}");
        return Word.Class;
    }

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
