using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;
using TorchSharp.Modules;
using static TorchSharp.torch;

/// <summary>A build of the library beside others in one process: its own Refilled.dll, everybody's engine.</summary>
internal sealed class Build
{
    private readonly Assembly library;
    private readonly object network, optimizer, logits;
    private readonly MethodInfo observe, zero, update;
    private readonly PropertyInfo found;
    private readonly Tensor images, labels, applies;

    /// <inheritdoc cref="Build"/>
    /// <param name="file">A Refilled.dll.</param>
    /// <param name="precision">"fp32" or "bf16".</param>
    public Build(string file, string precision)
    {
        var context = new AssemblyLoadContext(file);
        // The engine's wrapper is this program's; what else it refers to lies beside it.
        context.Resolving += (_, name) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, name.Name + ".dll") is var beside
            && File.Exists(beside) ? context.LoadFromAssemblyPath(beside) : null;
        library = context.LoadFromAssemblyPath(Path.GetFullPath(file));
        Named("TorchRuntime").GetMethod("Load")!.Invoke(null, null);
        set_num_threads(Environment.ProcessorCount);
        var constructor = Named("NetworkOptions").GetConstructors().First(made => made.GetParameters() is [{ Name: "Classes" }, ..]);
        var options = constructor.Invoke([.. constructor.GetParameters().Select(one => one.Name == "Classes" ? 50 : one.DefaultValue)]);
        Named("NetworkOptions").GetProperty("Precision")!.SetValue(options, Enum.Parse(Named("Precision"), precision, ignoreCase: true));
        network = Named("NetworkCatalog").GetMethod("Create")!.Invoke(null, ["wrn-16-1", options])!;
        var module = (nn.Module)network;
        module.train();
        IEnumerable<(string, Parameter)> parameters = module.named_parameters();
        optimizer = Activator.CreateInstance(Named("Sgd"), [parameters, 0.9, 5e-4, null])!;
        observe = Named("EmbeddingNetwork").GetMethods().First(one => one.Name == "Observe" && one.GetParameters().Length == 2);
        logits = Enum.Parse(Named("Needs"), "Logits");
        (found, zero, update) = (Named("Signals").GetProperty("Logits")!, Named("Sgd").GetMethod("ZeroGrad")!,
            Named("Sgd").GetMethod("Step")!);
        images = randint(0, 256, [128, 3, 32, 32], ScalarType.Byte);
        labels = randint(0, 50, [128], ScalarType.Int64);
        applies = ones([]);
    }

    /// <summary>Milliseconds of a training step: forward, backward, update.</summary>
    public double Step()
    {
        var watch = Stopwatch.StartNew();
        using var scope = NewDisposeScope();
        var loss = nn.functional.cross_entropy((Tensor)found.GetValue(observe.Invoke(network, [images, logits]))!, labels);
        zero.Invoke(optimizer, null);
        loss.backward();
        update.Invoke(optimizer, [0.05, applies]);
        return watch.Elapsed.TotalMilliseconds;
    }

    private Type Named(string name) => library.GetTypes().First(type => type.Name == name);
}
