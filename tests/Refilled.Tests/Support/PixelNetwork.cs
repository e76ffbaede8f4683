using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Tests.Support;

/// <summary>A network whose embedding is the first pixels of an image, in [0, 1]; it counts the images that it saw.</summary>
internal sealed class PixelNetwork(int embeddingSize, int side = 4)
    : EmbeddingNetwork("pixels", embeddingSize, new NetworkOptions(2) { Input = new InputSpec(side, side, [0, 0, 0], [1, 1, 1]) })
{
    private long seen;

    public long Seen => Interlocked.Read(ref seen);

    protected override Tensor Embed(Tensor input, IList<Tensor>? maps)
    {
        Interlocked.Add(ref seen, input.shape[0]);
        return input.flatten(1).narrow(1, 0, EmbeddingSize);
    }
}
