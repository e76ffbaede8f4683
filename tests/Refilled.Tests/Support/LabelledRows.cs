using Refilled.Data;
using Refilled.Data.Views;
using static TorchSharp.torch;

namespace Refilled.Tests.Support;

/// <summary>A source of labels without pixels, in batches of seven.</summary>
internal sealed class LabelledRows(Tensor labels) : IBatchSource
{
    private const int BatchSize = 7;

    public int StepsPerEpoch => (int)((labels.shape[0] + BatchSize - 1) / BatchSize);

    public IEnumerable<Batch> Epoch(int epoch, int fromStep = 0)
    {
        for (var step = fromStep; step < StepsPerEpoch; step++)
        {
            var size = (int)Math.Min(BatchSize, labels.shape[0] - step * BatchSize);
            yield return Batch.Owning(zeros([size, 1, 1, 1], ScalarType.Byte), labels.narrow(0, step * BatchSize, size).clone(),
                [.. Enumerable.Range(step * BatchSize, size).Select(i => (long)i)], Enumerable.Repeat(View.Evaluation, size).ToArray());
        }
    }
}
