using System.CommandLine;
using Refilled.Recipes;

namespace Refilled.Cli.Commands;

/// <summary>The options that edit a recipe. Each is a short form of <c>--set path=value</c>, so that there is one place
/// where values are checked.</summary>
internal sealed class RecipeOptions
{
    private static readonly (string Name, string Path, string Help)[] Known =
    [
        ("--data", "data", "The data: " + string.Join(", ", Refilled.Data.DataCatalog.Forms)
            + "; a path is a folder or the archive itself."),
        ("--image-size", "image-size", "Height and width of the views in pixels; by default the data's own."),
        ("--classes", "classes", "Classes: 0-49, 0,3,7-9, easy:student@<seed>, hard:teacher, overlap-<n>:student@<seed>, group:<name>, "
            + "all, or a file of names."),
        ("--method", "method", string.Join(", ", Refilled.Experiments.Methods.Names) + "; or a name for what the recipe's stages make."),
        ("--student", "student", "The student's network, such as wrn-16-1."),
        ("--model", "student", "The network, such as wrn-16-2."),
        ("--teacher", "teacher", "The teacher: a run folder or a network file."),
        ("--start", "start", "A run folder or network file of the same architecture that the embedding starts from."),
        ("--setting", "setting", "cross-task (default), standard or overlapping: how teacher's and student's classes relate."),
        ("--images-per-class", "images-per-class", "Take the first n images of each class, in seeded order, hold-out included."),
        ("--hold-out", "hold-out", "Part of the training images held out for selection (0.1)."),
        ("--batch", "batch", "Images in a step (128)."),
        ("--views", "views", "Views of each image (8); 0 makes a fresh view each epoch."),
        ("--teacher-cache", "teacher-cache", "Where the teacher's signals for each view are kept: auto, memory, off, "
            + "or a folder that runs share."),
        ("--epochs1", "stage1.epochs", "Epochs of stage 1, the embedding."),
        ("--epochs", "stage2.epochs", "Epochs of stage 2, the classifier."),
        ("--seed", "seeds.run", "Seed of the run (0)."),
        ("--device", "device", "cpu, cuda, cuda:n or auto."),
        ("--precision", "precision", "fp32, bf16 or auto."),
        ("--threads", "threads", "Threads of the engine; 0 takes one for each core."),
    ];

    private readonly List<(Option<string?> Option, string Path)> options;
    private readonly Option<FileInfo?> recipe = new("--recipe") { Description = "A YAML recipe; options and --set edit it." };
    private readonly Option<bool> skipBad =
        Options.Flag("--skip-bad", "Leave out images that can't be decoded, instead of stopping.");
    private readonly Option<string[]> set =
        Options.Set("Edit the recipe: path=value, such as stage2.learning-rate=0.05. May be repeated.");

    /// <param name="command">The command that gets the options.</param>
    /// <param name="names">Which of the short forms it has.</param>
    public RecipeOptions(Command command, params string[] names) : this(command, [.. Known.Where(known => names.Contains(known.Name))]) { }

    /// <param name="command">The command that gets the options.</param>
    /// <param name="short">Its short forms: name, path in the recipe, help.</param>
    public RecipeOptions(Command command, IReadOnlyList<(string Name, string Path, string Help)> @short)
    {
        options = [.. @short.Select(known =>
            (Options.Text(known.Name, known.Path, known.Help), known.Path))];
        command.Options.Add(recipe);
        foreach (var (option, _) in options) command.Options.Add(option);
        command.Options.Add(skipBad);
        command.Options.Add(set);
    }

    /// <summary>A short form that several commands have.</summary>
    public static (string Name, string Path, string Help) Of(string name) => Known.Single(known => known.Name == name);

    /// <summary>The recipe file that was named, or null.</summary>
    public string? File(ParseResult parsed) => parsed.GetValue(recipe)?.ToString();

    /// <summary>The edits that were given, --set last.</summary>
    public IReadOnlyList<RecipeEdit> Edits(ParseResult parsed) =>
    [
        .. from pair in options
           let value = parsed.GetValue(pair.Option)
           where value is not null
           select new RecipeEdit(pair.Path, value, pair.Option.Name),
        .. parsed.GetValue(skipBad) ? [new RecipeEdit("skip-bad", "true", skipBad.Name)] : Array.Empty<RecipeEdit>(),
        .. (parsed.GetValue(set) ?? []).Select(RecipeEdit.Parse),
    ];
}
