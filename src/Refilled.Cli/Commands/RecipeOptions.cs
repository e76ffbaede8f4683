using System.CommandLine;
using Refilled.Recipes;

namespace Refilled.Cli.Commands;

/// <summary>The options that edit a recipe. Each is a short form of <c>--set path=value</c>, so that there is one place
/// where values are checked.</summary>
internal sealed class RecipeOptions
{
    private static readonly ShortForm[] Known =
    [
        new("--data", "The data: " + string.Join(", ", Refilled.Data.DataCatalog.Forms)
            + "; a path is a folder, the archive itself, or a list of images (file,label[,split][,group])."),
        new("--image-size", "Height and width of the views in pixels; by default the data's own."),
        new("--depth", "How many folders name a class in a folder of images: 2 where the classes lie one folder deeper (1)."),
        new("--group-by", "What says which images belong together, so that none is tested on whose like is trained on: a column of a "
            + "list, or a pattern of the files' names with one group, such as '([^/]+)_\\d+'."),
        new("--classes", "Classes: 0-49, 0,3,7-9, easy:student@<seed>, hard:teacher, overlap-<n>:student@<seed>, group:<name>,<name>, "
            + "name:<name>,<name>, all, or a file of names."),
        new("--method", string.Join(", ", Refilled.Experiments.Methods.Names) + "; or a name for what the recipe's stages make."),
        new("--student", "The student's network, such as wrn-16-1."),
        new("--model", "The network, such as wrn-16-2.", "student"),
        new("--teacher", "The teacher: a run folder, a network file, an .onnx (#tensor behind it names the "
            + "embedding), or imagenet-resnet-18."),
        new("--start", "A run folder or network file of the same architecture that the embedding starts from."),
        new("--setting", "cross-task (default), standard or overlapping: how teacher's and student's classes relate."),
        new("--images-per-class", "Take the first n images of each class, in seeded order, hold-out included."),
        new("--unlabelled", "Images without labels, for methods with a stage that reads none (regress, regress+lkd): "
            + "a folder or archive, or rest, what --images-per-class leaves."),
        new("--hold-out", "Part of the training images held out for selection (0.1)."),
        new("--batch", "Images in a step (128)."),
        new("--views", "Views of each image (8); 0 makes a fresh view each epoch."),
        new("--augmentation", "What varies between views: usual, letters (never mirrored), photos, small or none; "
            + "or more, such as \"{preset: letters, mixup: 0.2}\"."),
        new("--teacher-cache", "Where the teacher's signals for each view are kept: auto, memory, off, "
            + "or a folder that runs share."),
        new("--teacher-cache-precision", "Number format in which the teacher's embeddings are kept: fp32 (default) or "
            + "fp16, half the size."),
        new("--epochs1", "Epochs of stage 1, the embedding.", "stage1.epochs"),
        new("--epochs", "Epochs of stage 2, the classifier.", "stage2.epochs"),
        new("--seed", "Seed of the run (0).", "seeds.run"),
        new("--device", "cpu, cuda, cuda:n or auto."),
        new("--precision", "fp32, bf16 or auto."),
        new("--threads", "Threads of the engine; 0 takes one for each core."),
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
    /// <param name="forms">Its short forms.</param>
    public RecipeOptions(Command command, IReadOnlyList<ShortForm> forms)
    {
        options = [.. forms.Select(form => (Options.Text(form.Name, form.Path, form.Help), form.Path))];
        command.Options.Add(recipe);
        foreach (var (option, _) in options) command.Options.Add(option);
        command.Options.Add(skipBad);
        command.Options.Add(set);
    }

    /// <summary>A short form that several commands have.</summary>
    public static ShortForm Of(string name) => Known.Single(known => known.Name == name);

    /// <summary>The recipe file that was named, or null.</summary>
    public string? File(ParseResult parsed) => parsed.GetValue(recipe)?.ToString();

    /// <summary>Reads a recipe; what is missing is called by the option that gives it.</summary>
    /// <param name="file">The file, or null.</param>
    /// <param name="edits">What edits it.</param>
    public T Read<T>(string? file, IEnumerable<RecipeEdit> edits) where T : class =>
        RecipeReader.Read<T>(file, edits, path => options.FirstOrDefault(pair => pair.Path == path).Option?.Name);

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

/// <summary>An option that stands for <c>--set path=value</c>.</summary>
/// <param name="Name">The option.</param>
/// <param name="Help">What it is about.</param>
/// <param name="At">The path in the recipe; null where it is the option's own name.</param>
internal sealed record ShortForm(string Name, string Help, string? At = null)
{
    /// <summary>The path in the recipe.</summary>
    public string Path => At ?? Name[2..];
}
