using Refilled.Data;
using Refilled.Data.Views;
using Refilled.Networks;
using Refilled.Teachers;
using static TorchSharp.torch;

namespace Refilled.Losses;

/// <summary>What a teacher makes of the training images, for what objectives prepare.</summary>
internal static class TeacherEmbeddings
{
    /// <summary>Reads the teacher's embeddings <c>[N, d']</c> of images in the evaluation view, and their labels <c>[N]</c>.</summary>
    /// <param name="teacher">The teacher.</param>
    /// <param name="images">The images.</param>
    /// <param name="cancel">Stops between two batches.</param>
    public static (Tensor Embeddings, Tensor Labels) Read(ITeacher teacher, IBatchSource images, CancellationToken cancel)
    {
        teacher.Prepare(View.Evaluation, Needs.Embedding, cancel: cancel); // a cache would fill the view unstoppably when asked
        var labels = new List<Tensor>();
        var embeddings = Signals.Join(images.Epoch(0).Read(batch =>
        {
            labels.Add(batch.Labels.clone());
            return teacher.Observe(batch, Needs.Embedding);
        }, cancel)).Embedding;
        return (embeddings, cat(labels, 0).to(embeddings.device));
    }
}
