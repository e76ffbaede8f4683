using System.Text.Json;
using Refilled.Experiments;
using Refilled.Tables;
using Refilled.Tables.FewShot;
using Refilled.Tables.Poster;
using Refilled.Tests.Support;
using Refilled.Training;

namespace Refilled.Tests.Tables.FewShot;

public sealed class FewShotReportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private FewShotReport Report(Func<FewShotCell, bool>? has = null, string? text = null)
    {
        var plan = MadeUpFewShot.Plan(folder, text);
        var networks = plan.Networks.Take(2).Select(network => ((Job)network,
            (object)new NetworkRecord(network.Name, "wrn-10-1", network.Name, null, MadeUpFewShot.Run(network, network.Start?.Name))));
        return (FewShotReport)plan.Report(new FoundResults(networks.Concat(
            plan.Cells.Where(has ?? (cell => cell.Id != "svm/5"))
                .Select(cell => ((Job)cell, (object)MadeUpFewShot.Result(cell, network => network.Name, cell.Id switch
            {
                "svm/1" => [2, 4, 4, 6, 6, 8],
                "protonet/1" => [4, 5, 6, 7, 8, 9],
                "refilled-resnet/1" => [3, 6, 5, 8],
                "refilled-resnet/5" => [6, 7, 8, 10],
                _ => [3, 5, 5, 7, 9, 9],
            }))))));
    }

    [Fact]
    public void Markdown_has_accuracies_differences_and_what_others_measured()
    {
        const string accuracies = "Accuracy in percent over tasks of 3 new classes with 4 queries each: mean ± half the width of its 95 % "
            + "interval, 1.96·s/√T over T tasks. Tasks per second, training on the task included, at each number of shots.";
        const string differences = "Differences in points are taken task by task, over the tasks that both rows were asked, "
            + "with a 95 % interval; ~ marks those whose interval spans zero: they allow no claim about the ranking. "
            + "Each interval is for one comparison by itself, and for these networks: it says nothing of others trained alike.";
        const string expected = $"""
            **Accuracy**

            | row | network | 1-shot | 5-shot | tasks | tasks per second |
            | --- | --- | --- | --- | --- | --- |
            | svm | wrn-10-1 | 41.7 ± 14.0 | – | 6 | 13 / – |
            | protonet | wrn-10-1 | 54.2 ± 12.5 | 52.8 ± 16.2 | 6 | 13 / 13 |
            | refilled-resnet | wrn-10-1 by resnet-8 | 45.8 ± 17.0 | 64.6 ± 13.9 | 4 | 13 / 13 |

            **Over protonet**

            | row | 1-shot | 5-shot | tasks |
            | --- | --- | --- | --- |
            | svm | -12.5 ± 3.7 | – | 6 |
            | refilled-resnet | 0.0 ± 9.4 ~ | +22.9 ± 4.1 | 4 |

            **After steps on the task**

            | row | steps | 1-shot | 5-shot |
            | --- | --- | --- | --- |
            | refilled-resnet | 20 | 40.0 ± 1.5 | 40.0 ± 1.5 |
            | refilled-resnet | 50 | 44.0 ± 1.3 | 44.0 ± 1.3 |

            **The poster's, on other data: it names none, and its numbers fit mini-ImageNet with a ConvNet-4**

            | row | 1-shot | 5-shot |
            | --- | --- | --- |
            | svm | 51.61 | 69.17 |
            | protonet | 51.79 | 70.38 |
            | refilled-resnet | 54.82 | 71.97 |

            **Networks**

            | network | architecture | method | epochs | validation tasks | seconds |
            | --- | --- | --- | --- | --- | --- |
            | backbone | wrn-10-1 | student | 1 | 50.5 | 3 |
            | protonet-5 | wrn-10-1 | protonet | 1 | 50.5 | 3 |

            - {accuracies}
            - {differences}
            - Not finished: 5 of 6 cells are measured.
            - A note.
            - Results version 1; data `d`; fp32; cpu.

            """;
        Assert.Equal(expected.ReplaceLineEndings("\n").Replace("version 1", $"version {ResultsVersion.Current}", StringComparison.Ordinal),
            TableText.Markdown(Report()));
    }

    [Fact]
    public void Csv_has_a_line_for_each_row_shots_and_baseline()
    {
        var lines = TableText.Csv(Report()).Split('\n');
        Assert.Equal(
        [
            "row,learner,backbone,teacher,way,shot,query,tasks,mean,half_width,tasks_per_second,chosen,at_steps,poster,"
                + "baseline,difference,difference_half_width,compared_tasks,clear",
            "svm,svm,wrn-10-1,,3,1,4,6,41.667,13.987,12.5,c=2,,51.61,protonet,-12.5,3.652244,6,yes",
            "svm,svm,,,3,5,4,,,,,,,69.17,,,,,",
            "protonet,protonet,wrn-10-1,,3,1,4,6,54.167,12.475,12.5,,,51.79,,,,,",
        ], lines.Take(4));
        Assert.All(lines.SkipLast(1), line => Assert.Equal(19, line.Split(',').Length));
        Assert.StartsWith("refilled-resnet,refilled,wrn-10-1,resnet-8,3,1,4,4,45.833,", lines[5], StringComparison.Ordinal);
        Assert.Contains(",20=40 50=44,54.82,protonet,0,", lines[5], StringComparison.Ordinal);
        Assert.EndsWith(",4,no", lines[5], StringComparison.Ordinal);
    }

    [Fact]
    public void Json_reads_back_and_the_terminal_has_columns()
    {
        var report = Report();
        var read = JsonSerializer.Deserialize<FewShotReport>(JsonSerializer.Serialize(report, RunFolder.Json), RunFolder.Json)!;
        Assert.Equal(TableText.Csv(report), TableText.Csv(read));
        Assert.Equal(TableText.Markdown(report), TableText.Markdown(read));
        Assert.DoesNotContain("markdown", JsonSerializer.Serialize(report, RunFolder.Json), StringComparison.Ordinal);
        var text = TableText.Plain(report).Split('\n');
        Assert.Equal(["Few shots", "", "Accuracy"], text[..3]);
        // Columns end where their headers do.
        Assert.Equal(text[3].IndexOf("5-shot", StringComparison.Ordinal) + "5-shot".Length,
            text[5].IndexOf("52.8 ± 16.2", StringComparison.Ordinal) + "52.8 ± 16.2".Length);
    }

    [Fact]
    public void Nothing_measured_is_said_and_published_figures_stand_below()
    {
        var report = Report(_ => false, MadeUpFewShot.Text + "published: cifar-fs\n");
        var markdown = TableText.Markdown(report);
        Assert.Contains("| svm | – | – | – | – | – |", markdown, StringComparison.Ordinal);
        Assert.Contains("Not finished: 0 of 6", markdown, StringComparison.Ordinal);
        Assert.Contains("protonet with convnet-4: 55.5 % at 1 shot, 72.0 % at 5 shots; maml with convnet-4: 58.9 % at 1 shot, "
            + "71.5 % at 5 shots; protonet with resnet-12: 72.2 % at 1 shot, 83.5 % at 5 shots", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("Results version", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_has_the_table_under_its_own_mark()
    {
        var report = Report();
        var page = ResultsPage.With("# Results\n", "here", "r.yaml", report);
        Assert.Equal($"# Results\n\n## Few shots\n\n<!-- middle-shot: here r.yaml -->\n{TableText.Markdown(report)}<!-- end -->\n", page);
        Assert.Equal([("middle-shot", "here", "r.yaml")], ResultsPage.Sections(page));
        Assert.Equal(page, ResultsPage.With(page, "here", "r.yaml", report));
    }

    [Fact]
    public void The_poster_has_all_its_rows()
    {
        Assert.Equal((49.73, 80.33, 78.94),
            (FewShotNumbers.Poster("1nn", 1), FewShotNumbers.Poster("refilled-resnet", 30), FewShotNumbers.Poster("refilled-convnet", 30)));
        Assert.Equal((63.11, null, null),
            (FewShotNumbers.Poster("maml", 5), FewShotNumbers.Poster("maml", 10), FewShotNumbers.Poster("svm", 2)));
        Assert.Null(FewShotNumbers.Poster("ncm", 1));
    }
}
