using System.Text;

namespace Refilled.Tables.FewShot;

/// <summary>Writes a report of few-shot learners as comma-separated values (RFC 4180, but with plain line feeds): a line for each row, number
/// of shots and baseline, numbers in full.</summary>
public static class MiddleShotCsv
{
    /// <summary>The header and the lines. What isn't known is empty.</summary>
    public static string Write(MiddleShotReport report)
    {
        var text = new StringBuilder("row,learner,backbone,teacher,way,shot,query,tasks,mean,half_width,tasks_per_second,chosen,at_steps,poster,baseline,difference,difference_half_width,compared_tasks,clear\n");
        foreach (var row in report.Rows)
            foreach (var cell in row.Cells)
                foreach (var difference in cell.Differences.DefaultIfEmpty())
                {
                    object?[] fields =
                    [
                        row.Name, row.Learner, cell.Backbone, cell.Teacher, report.Way, cell.Shot, report.Query, cell.Tasks, cell.Mean, cell.HalfWidth, cell.TasksPerSecond,
                        string.Join(' ', cell.Chosen.Select(pair => $"{pair.Key}={CsvTable.Field(pair.Value)}")), string.Join(' ', cell.AtSteps.Select(at => $"{at.Steps}={CsvTable.Field(at.Mean)}")), cell.Poster,
                        difference?.Baseline, difference?.Points, difference?.HalfWidth, difference?.Tasks, difference is null ? null : difference.IsClear ? "yes" : "no",
                    ];
                    text.AppendJoin(',', fields.Select(CsvTable.Field)).Append('\n');
                }
        return text.ToString();
    }
}
