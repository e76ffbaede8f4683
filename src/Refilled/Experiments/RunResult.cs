using System.Text.Json.Serialization;

namespace Refilled.Experiments;

/// <summary>What a run measured, as <c>result.json</c> holds it. Accuracies are in percent on the test images.</summary>
public sealed record RunResult : Measured
{
    /// <summary>"cross-task", "standard" or "overlapping", as the recipe says.</summary>
    public required string Setting { get; init; }

    /// <summary>Name of the data.</summary>
    public required string Data { get; init; }

    /// <summary>The student's class specification; of a file of names its name.</summary>
    public required string Split { get; init; }

    /// <summary>The teacher's network; null where the method reads no teacher.</summary>
    public string? Teacher { get; init; }

    /// <summary>SHA-256 of the teacher's file; null where the method reads no teacher.</summary>
    public string? TeacherHash { get; init; }

    /// <summary>SHA-256 of the file that the student started from; null where it started fresh or from the teacher.</summary>
    public string? StartHash { get; init; }

    /// <summary>SHA-256 of the unlabelled images that had a source of their own; null where there were none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? UnlabelledHash { get; init; }

    /// <summary>Unlabelled images trained on beside the labelled ones; null where there were none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? UnlabelledImages { get; init; }

    /// <summary>The student's network.</summary>
    public required string Student { get; init; }

    /// <summary>The method's name.</summary>
    public required string Method { get; init; }

    /// <summary>The run's seed.</summary>
    public required int Seed { get; init; }

    /// <summary>Top-1 of the last epoch; by the nearest class mean where no stage trains the classifier.</summary>
    public required double Top1 { get; init; }

    /// <summary>Top-1 of the epoch that was selected on held-out training images or by validation tasks.</summary>
    public required double Top1Selected { get; init; }

    /// <summary>Top-5 of the last epoch.</summary>
    public required double Top5 { get; init; }

    /// <summary>Nearest class mean of the last epoch: unit rows, centres of the training images.</summary>
    public required double Ncm { get; init; }

    /// <summary>Mean accuracy over the validation tasks at the selected epoch, in percent; null where there were none.</summary>
    public double? Validation { get; init; }

    /// <summary>Epochs of all stages.</summary>
    public required int Epochs { get; init; }

    /// <summary>Images trained on, hold-out excluded.</summary>
    public required int TrainImages { get; init; }

    /// <summary>Images held out for selection.</summary>
    public required int HeldOutImages { get; init; }

    /// <summary>Test images.</summary>
    public required int TestImages { get; init; }

    /// <summary>Of each test image whether the last epoch is right; see <see cref="Evaluation.RightImages"/>.</summary>
    /// <remarks>Null in results made before it was written down.</remarks>
    public string? Right { get; init; }

    /// <summary>The same at the selected epoch.</summary>
    public string? RightSelected { get; init; }

    /// <summary>SHA-256 of which images the test has and in what order.</summary>
    /// <remarks>Results with the same one can be compared image by image.</remarks>
    public string? TestHash { get; init; }

    /// <summary>Training time in seconds, over all resumes, selection included.</summary>
    public override required double Seconds { get; init; }
}
