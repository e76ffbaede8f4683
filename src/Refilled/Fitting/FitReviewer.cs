using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Networks;

namespace Refilled.Fitting;

/// <summary>Lists the images of a fit that somebody should look at; none of the test's.</summary>
/// <param name="recipe">What names the images.</param>
/// <param name="data">The labelled ones.</param>
/// <param name="classNames">The fit's classes.</param>
/// <param name="unlabelled">What lies at the place of those without labels; null where that is none of its own.</param>
/// <param name="beside">Those without labels; null where there are none.</param>
/// <param name="cancel">Stops it.</param>
internal sealed class FitReviewer(Recipe recipe, Dataset data, IReadOnlyList<string> classNames, Dataset? unlabelled,
    UnlabelledData? beside, CancellationToken cancel)
{
    /// <summary>Writes the list.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="judge">What is said of training images by somebody who wasn't trained on them.</param>
    /// <param name="student">The network, which says what it can't tell.</param>
    /// <param name="heldOut">What makes its probabilities honest.</param>
    public FitReview Write(string path, HeldOutAnswers judge, EmbeddingNetwork student, HeldOutAnswers heldOut)
    {
        var (sure, labels, ids) = judge.Merged();
        var place = DataCatalog.FolderOf(recipe.Data);
        var rows = LabelReview.Doubtful(sure, labels).Select(doubt => new ReviewRow(Name(data, place, ids[doubt.Image]),
            classNames[labels[doubt.Image]], classNames[doubt.Seems], doubt.Probability)).ToList();
        var doubtful = rows.Count;
        if (beside is not null)
        {
            using var read = NetworkReader.Read(student, beside.Images, cancel);
            var all = Evaluation.Temperature.Probabilities(
                read.Logits.data<float>().ToArray(), classNames.Count, Evaluation.Temperature.Fit(heldOut.Logits, heldOut.Labels));
            var (of, there) = unlabelled is null ? (data, place) : (unlabelled, DataCatalog.FolderOf(recipe.Unlabelled!));
            rows.AddRange(LabelReview.Unsure(all, classNames.Count).Select(doubt => new ReviewRow(
                Name(of, there, beside.Images.SampleIds[doubt.Image]), "", classNames[doubt.Seems], doubt.Probability)));
        }
        LabelReview.Write(path, rows);
        return new FitReview(labels.Length, doubtful, rows.Count - doubtful);
    }

    private static string Name(Dataset of, string? place, long id) =>
        of.FileNames is not { } names ? $"image {id}" : place is null ? names[(int)id] : Path.Combine(place, names[(int)id]);
}
