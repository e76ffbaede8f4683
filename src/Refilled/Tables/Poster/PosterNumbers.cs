using Refilled.Experiments;

namespace Refilled.Tables.Poster;

/// <summary>The numbers of REFILLED's poster (Ye, Lu, Zhan, CVPR 2020), top-1 in percent. Those of its middle-shot table are
/// <see cref="FewShotNumbers"/>.</summary>
internal static class PosterNumbers
{
    private static readonly string[] Widths = ["mobilenet-1.0", "mobilenet-0.75", "mobilenet-0.5", "mobilenet-0.25"];

    private static readonly PosterTable[] Tables =
    [
        new(Setting.CrossTask, "cub200", "mobilenet-1.0", "easy", Widths, new()
        {
            ["student"] = [70.04, 68.13, 66.44, 64.63], ["rkd"] = [71.10, 68.81, 67.15, 64.28], ["vanilla"] = [71.62, 70.27, 70.15, 66.75],
            ["lkd"] = [71.93, 70.73, 70.88, 67.41], ["refilled"] = [72.48, 71.04, 71.35, 67.87], ["1nn"] = [49.23, 49.23, 49.23, 49.23],
            ["lr"] = [56.77, 56.77, 56.77, 56.77], ["ft"] = [66.94, 66.94, 66.94, 66.94],
        }),
        new(Setting.CrossTask, "cub200", "mobilenet-1.0", "hard", Widths, new()
        {
            ["student"] = [71.25, 67.56, 66.85, 64.48], ["rkd"] = [70.83, 68.8, 67.44, 63.97], ["vanilla"] = [71.90, 69.14, 68.91, 65.38],
            ["lkd"] = [72.53, 70.01, 69.50, 66.42], ["refilled"] = [73.38, 70.42, 69.77, 67.10], ["1nn"] = [49.23, 49.23, 49.23, 49.23],
            ["lr"] = [56.77, 56.77, 56.77, 56.77], ["ft"] = [66.94, 66.94, 66.94, 66.94],
        }),
        new(Setting.Standard, "cifar100", "wrn-40-2", null, ["wrn-40-2", "wrn-16-2", "wrn-40-1", "wrn-16-1"], new()
        {
            ["student"] = [74.44, 70.15, 68.97, 65.44], ["kd"] = [75.47, 71.87, 70.46, 66.54], ["fitnet"] = [74.29, 70.89, 68.66, 65.38],
            ["at"] = [74.76, 71.06, 69.85, 65.31], ["nst"] = [74.81, 71.19, 68.00, 64.95], ["vid"] = [75.25, 73.31, 71.51, 66.32],
            ["kd+vid"] = [76.11, 73.69, 72.16, 67.19], ["rkd"] = [76.62, 72.56, 72.18, 65.22], ["refilled"] = [77.49, 74.01, 72.72, 67.56],
        }),
        new(Setting.Standard, "cub200", "mobilenet-1.0", null, Widths, new()
        {
            ["student"] = [75.36, 74.87, 72.41, 69.72], ["kd"] = [77.61, 76.02, 74.24, 72.03], ["fitnet"] = [75.10, 75.03, 72.17, 69.09],
            ["at"] = [76.22, 76.10, 73.70, 70.74], ["nst"] = [76.91, 77.05, 74.03, 71.54], ["kd+vid"] = [77.03, 76.91, 75.62, 72.23],
            ["rkd"] = [77.72, 76.80, 74.99, 72.55], ["refilled"] = [78.95, 78.01, 76.11, 73.42],
        }),
    ];

    /// <summary>The poster's table of a setting on some data with a teacher; null where it has none.</summary>
    /// <remarks>Cross-task tables are named after the poster's columns, "easy" and "hard".</remarks>
    public static PosterTable? Find(Setting setting, string? data, string? teacher, string split) => Tables.FirstOrDefault(table =>
        table.Setting == setting && table.Data == data && table.Teacher == teacher && (table.Split is null || table.Split == split));

    /// <summary>The poster's table that is nearest to one which it doesn't have; null where it has none of the setting.</summary>
    /// <remarks>Of the same data, if there is one, or student, or split.</remarks>
    public static PosterTable? Nearest(Setting setting, string? data, string student, string split) =>
        Tables.Where(table => table.Setting == setting)
            .OrderByDescending(table => table.Data == data)
            .ThenByDescending(table => table.Students.Contains(student))
            .ThenByDescending(table => table.Split == split).FirstOrDefault();

    /// <param name="Setting">The setting.</param>
    /// <param name="Data">The data.</param>
    /// <param name="Teacher">The teacher's network.</param>
    /// <param name="Split">The poster's column; null where it has one.</param>
    /// <param name="Students">The students' networks.</param>
    /// <param name="Rows">The numbers of each method, in the order of the students.</param>
    internal sealed record PosterTable(Setting Setting, string Data, string Teacher, string? Split, string[] Students,
        Dictionary<string, double[]> Rows);
}
