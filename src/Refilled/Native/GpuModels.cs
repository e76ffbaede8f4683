namespace Refilled.Native;

/// <summary>The graphics cards that NVIDIA's driver knows. The engine's C# face tells their number, not their names.</summary>
internal static class GpuModels
{
    private const string Key = "Model:";

    /// <summary>Their models, in the order of their places on the bus; none where the driver's folder is missing.</summary>
    /// <param name="folder">Where the driver has a folder for each, with a text file in it.</param>
    public static IReadOnlyList<string> Read(string folder = "/proc/driver/nvidia/gpus")
    {
        try
        {
            return [.. Directory.GetDirectories(folder).Order(StringComparer.Ordinal).Select(card => Parse(File.ReadAllText(Path.Combine(card, "information")))).OfType<string>()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string? Parse(string information) => information.Split('\n')
        .Where(line => line.StartsWith(Key, StringComparison.Ordinal)).Select(line => line[Key.Length..].Trim()).FirstOrDefault(model => model.Length > 0);
}
