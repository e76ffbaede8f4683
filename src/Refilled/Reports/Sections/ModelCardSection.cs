using Refilled.Reports.Html;

namespace Refilled.Reports.Sections;

/// <summary>A model card: what the network is, how it was measured, and what it must not be used for.</summary>
/// <remarks>The headings follow Mitchell et al., Model Cards for Model Reporting, FAT* 2019.</remarks>
internal static class ModelCardSection
{
    private const int MostNames = 100;

    public static Markup Of(ReportFacts facts)
    {
        var (result, look, recipe) = (facts.Subject.Result, facts.Look, facts.Subject.Recipe);
        if (look is null && result is null) return Markup.Nothing;
        IReadOnlyList<string> names = look?.Measured.ClassNames ?? [];
        List<(string What, string Text)> rows =
        [
            ("Network", $"{look?.Name ?? result!.Student}: an image classifier"
                + (look is null ? "" : $" of {look.Measured.Store.ViewShape.Width}×{look.Measured.Store.ViewShape.Height} pixels")),
            ("Trained by", (recipe?.Method ?? result?.Method ?? "–") + (result?.Teacher is { } teacher ? $", taught by {teacher}" : "")),
            ("Data", $"{result?.Data ?? look?.Data.Name}{Images(facts)}"),
        ];
        if (names.Count > 0)
            rows.Add(("Classes", $"{names.Count}: {string.Join(", ", names.Take(MostNames))}{(names.Count > MostNames ? ", …" : "")}"));
        rows.Add(("Licence", facts.Licence
            ?? "Not stated. The data's licence, and the teacher's, bind the network as well (--licence writes it here)."));
        rows.Add(("How it was measured", "On test images that no training and no choice has seen; the epoch was chosen on held-out ones of "
            + "the training images. Intervals say how much other test images of the same kind could change the number, and nothing about "
            + "images of another kind."));
        rows.Add(("What it is for", "Telling these classes apart in images like those that it was trained on."));
        rows.Add(("What it must not be used for", "Images of anything else: it names one of its classes for every image, unless it may "
            + "answer 'none of these' (refilled predict --unknown). Nor decisions about people, nor anything where a mistake does harm, "
            + "unless somebody has measured it on images from that very place."));
        if (look?.Measures.Classes is [var worst, ..])
            rows.Add(("Where it is weakest", $"{worst.Name}: {worst.Right} of {worst.Images} right."));
        return Markup.Of($"""
            <section id="card"><h2>Model card</h2>{Table.Facts(rows)}</section>
            """);
    }

    private static string Images(ReportFacts facts) => facts.Subject.Result is { } result
        ? $": {result.TrainImages} training, {result.HeldOutImages} held-out and {result.TestImages} test images"
        : facts.Look is { } look ? $": {look.Measured.Count} test images" : "";
}
