using System.Globalization;
using Refilled.Networks.Layers;
using Refilled.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.FewShot.Learners;

/// <summary>Adapts the rows P of a set to each other, whatever their order.</summary>
/// <remarks>Each head has <c>Q, K, V = P·Wᵀ</c> and gives <c>softmax(Q·Kᵀ/√d_k)·V</c>; the result is <c>LayerNorm(P + fc(the heads
/// side by side))</c>, with population variance and ε 1e-5. The set-to-set function of FEAT (Ye, Hu, Zhan and Sha, CVPR 2020). Its
/// parameters have the names of the authors' code (<c>w_qs.weight</c>, <c>w_ks.weight</c>, <c>w_vs.weight</c>, <c>fc.weight</c>,
/// <c>fc.bias</c>, <c>layer_norm.weight</c>, <c>layer_norm.bias</c>) and its initial weights their distributions.</remarks>
public sealed class SetTransformer : nn.Module<Tensor, Tensor>
{
    private const string Format = "refilled-set-transformer/1";

    private readonly Linear queries, keys, values, fc;
    private readonly LayerNorm norm;

    /// <inheritdoc cref="SetTransformer"/>
    /// <param name="size">Size of a row, d.</param>
    /// <param name="heads">Number of heads. Default 1 (the paper).</param>
    /// <param name="keySize">d_k. Default: d (the paper).</param>
    /// <param name="valueSize">d_v. Default: d (the paper).</param>
    /// <param name="seed">Decides the initial weights.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public SetTransformer(int size, int heads = 1, int? keySize = null, int? valueSize = null, long seed = 0) : base(nameof(SetTransformer))
    {
        var (dk, dv) = (keySize ?? size, valueSize ?? size);
        foreach (var number in new[] { size, heads, dk, dv }) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(number, nameof(size));
        (Size, Heads) = (size, heads);
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        queries = Projection("w_qs", heads * dk, dk);
        keys = Projection("w_ks", heads * dk, dk);
        values = Projection("w_vs", heads * dv, dv);
        fc = nn.Linear(heads * dv, size);
        norm = nn.LayerNorm(size);
        using (no_grad())
        {
            fc.weight!.copy_(Normal([size, heads * dv], heads * dv + size));
            fc.bias!.copy_(Initialisation.LinearDefault([size], heads * dv, generator));
        }
        register_module(nameof(fc), fc);
        register_module("layer_norm", norm);
        // Without this the scope would take the parameters with it.
        foreach (var parameter in parameters()) parameter.DetachFromDisposeScope();

        Linear Projection(string name, int outputs, int headSize)
        {
            var linear = nn.Linear(size, outputs, hasBias: false);
            using var _ = no_grad();
            linear.weight!.copy_(Normal([outputs, size], size + headSize));
            register_module(name, linear);
            return linear;
        }

        Tensor Normal(long[] shape, int fans) => randn(shape, generator: generator).Times(Math.Sqrt(2.0 / fans));
    }

    /// <summary>Size of a row, d.</summary>
    public int Size { get; }

    /// <summary>Number of heads.</summary>
    public int Heads { get; }

    /// <summary>The adapted rows of a set <c>[n, d]</c>, or of each of several <c>[B, n, d]</c>; the same shape.</summary>
    public override Tensor forward(Tensor input) => Adapt(input);

    /// <summary>As <see cref="forward"/>.</summary>
    /// <param name="input"><c>[n, d]</c> or <c>[B, n, d]</c>.</param>
    /// <param name="factors">What each entry that the attention adds is multiplied by, in the input's shape: dropout. Null: 1.</param>
    internal Tensor Adapt(Tensor input, Tensor? factors = null)
    {
        using var scope = NewDisposeScope();
        var rows = Sets(input);
        var added = fc.call(Attention(rows).matmul(ByHead(values, rows)).transpose(1, 2).flatten(2));
        if (factors is not null) added = added * factors.view(added.shape);
        return norm.call(rows.Plus(added)).view(input.shape).MoveToOuterDisposeScope();
    }

    /// <summary>How much each row of each set looks at each other, by head: <c>[B, heads, n, n]</c>.</summary>
    internal Tensor Attention(Tensor input)
    {
        using var scope = NewDisposeScope();
        var rows = Sets(input);
        var (q, k) = (ByHead(queries, rows), ByHead(keys, rows));
        return q.matmul(k.transpose(2, 3)).Times(1 / Math.Sqrt(q.shape[3])).softmax(3).MoveToOuterDisposeScope();
    }

    /// <summary>Writes the weights to a safetensors file, atomically.</summary>
    public void Save(string path) => Safetensors.Write(path, ModuleState.Of(this), new Dictionary<string, string>
    {
        ["format"] = Format,
        ["heads"] = Heads.ToString(CultureInfo.InvariantCulture),
    });

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InputException">The file is missing, damaged, or no such file.</exception>
    public static SetTransformer Load(string path)
    {
        using var file = Safetensors.Read(path);
        if (!file.Metadata.TryGetValue("format", out var format) || format != Format)
            throw new InputException($"'{path}' holds no set transformer of Refilled: its metadata lacks format '{Format}'.");
        long Rows(string name, int dimension) => file.Tensors.TryGetValue(name, out var tensor) && tensor.shape.Length == 2
            ? tensor.shape[dimension]
            : 0;
        var (size, keys, values) = (Rows("w_qs.weight", 1), Rows("w_qs.weight", 0), Rows("w_vs.weight", 0));
        if (!int.TryParse(file.Metadata.GetValueOrDefault("heads"), CultureInfo.InvariantCulture, out var heads) || heads < 1
            || keys < heads || values < heads || size < 1)
            throw new InputException($"'{path}' is a damaged set transformer: its metadata must hold the number of heads, "
                + "and it the weights w_qs and w_vs.");
        var transformer = new SetTransformer((int)size, heads, (int)(keys / heads), (int)(values / heads));
        ModuleState.Restore(ModuleState.Of(transformer), file.Tensors, $"'{path}'");
        return transformer;
    }

    /// <summary><c>[B, n, d]</c>, in the weights' number format.</summary>
    private Tensor Sets(Tensor input) => input.to(fc.weight!.dtype).view(-1, input.shape[^2], input.shape[^1]);

    /// <summary><c>[B, heads, n, d_k]</c> from <c>[B, n, d]</c>.</summary>
    private Tensor ByHead(Linear projection, Tensor rows) =>
        projection.call(rows).view(rows.shape[0], rows.shape[1], Heads, -1).transpose(1, 2);
}
