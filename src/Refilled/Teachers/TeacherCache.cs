using Refilled.Data;

namespace Refilled.Teachers;

/// <summary>Where a teacher's signals are kept, as the command and recipes say it.</summary>
public static class TeacherCache
{
    /// <summary>Signals up to this size are kept in memory under "auto": 1 GiB, CIFAR-100 a hundred times over.</summary>
    public const long LargestInMemory = 1L << 30;

    /// <summary>Puts a cache around a teacher.</summary>
    /// <param name="choice">"off", "memory", "auto" (in memory up to <see cref="LargestInMemory"/>, else in files in the user's cache
    /// folder), or a folder for files that runs share.</param>
    /// <param name="teacher">The teacher.</param>
    /// <param name="train">The training images.</param>
    /// <param name="options">The views; with 0 of them, each is seen once, and there is nothing to keep.</param>
    /// <param name="cancel">Stops the checking of files that are there already.</param>
    /// <returns>The cache, or the teacher itself where none was asked for.</returns>
    public static ITeacher Around(ITeacher teacher, string choice, ImageSet train, CacheOptions options,
        CancellationToken cancel = default) =>
        choice == "off" || options.Views == 0 ? teacher : new CachedTeacher(teacher, train, options with
        {
            Folder = choice switch
            {
                "memory" => null,
                // Where views are mixed, a stage may be shown them as they are, and another mixed.
                "auto" => CachedTeacher.BytesFor(
                    teacher, train.Count, options.Views * (train.Mixing is null ? 1 : 2), options.Precision) <= LargestInMemory
                        ? null : UsersFolder(),
                _ => choice,
            },
        }, cancel);

    private static string UsersFolder() => Path.Combine(
        CacheFolder.Find()
            ?? throw new InputException("The teacher's signals are too large for memory, and there is no home folder to keep them in. "
                + $"Name a folder with --teacher-cache, or set {CacheFolder.Variable}."),
        "signals");
}
