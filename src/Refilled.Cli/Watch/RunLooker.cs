using Refilled.Data;
using Refilled.Data.Decoding;
using Refilled.Data.Views;
using Refilled.Experiments;
using Refilled.Reports;
using Refilled.Reports.Html;
using Refilled.Reports.Looks;
using Refilled.Reports.Runs;
using Refilled.Reports.Sections;
using Refilled.Teachers;

namespace Refilled.Cli.Watch;

/// <summary>Looks at one run's images by its network, and by its teacher where that is at hand.</summary>
/// <remarks>One look at a time; the last run's network and images are kept, because more questions about it follow.</remarks>
internal sealed class RunLooker : IDisposable
{
    /// <summary>Most training images among which the nearest are looked for: a teacher may take a while for each.</summary>
    private const int MostNeighbours = 400;

    private const int NearestShown = 6, ClassesShown = 5;

    private readonly SemaphoreSlim one = new(1);
    private (string Id, RunStamp Stamp)? whose;
    private NetworkLook? look;
    private ImageSet? examples;
    private Teacher? teacher;
    private IReadOnlyList<double[]>? student, teachers;

    /// <summary>What the network gets right and wrong, as HTML.</summary>
    /// <exception cref="InputException">There is no network, or the images can't be read.</exception>
    public Task<string> LookAsync(WatchedRun run, CancellationToken cancel) => Exclusively(run, () =>
    {
        var facts = new ReportFacts(run.Record.Name, [new RunGroup(run.Id, [run.Record])])
        {
            Look = look, Made = DateTimeOffset.Now,
            Teacher = TeacherRows.Of(run.Record.Recipe!, TripletsSection.Among(look!.Measured), TeacherFormats.All, cancel),
        };
        return Markup.Join([ClassesSection.Of(facts), ConfusionSection.Of(facts), ReliabilitySection.Of(facts), MistakesSection.Of(facts),
            TripletsSection.Of(facts)]).Text;
    }, cancel);

    /// <summary>What the network says of an image of the user's, and which training images it and its teacher find nearest.</summary>
    /// <exception cref="InputException">There is no network, or an image can't be read.</exception>
    public Task<object> TryAsync(WatchedRun run, byte[] image, CancellationToken cancel) => Exclusively<object>(run, () =>
    {
        var view = View(image, look!.Measured.Store.ViewShape.Height);
        var (probabilities, row) = look.See(view);
        examples ??= look.Examples.At([.. Evenly.Places(look.Examples.Count, MostNeighbours)]);
        student ??= Rows(look.Seen.UnitRows(), look.Examples, examples);
        OpenTeacher(run.Record.Recipe!, cancel);
        return new
        {
            Classes = probabilities is null ? null : probabilities.Index().OrderByDescending(pair => pair.Item).Take(ClassesShown)
                .Select(pair => new { Name = look.Measured.ClassNames[pair.Index], Probability = pair.Item }),
            Student = Nearest(student, row),
            Teacher = teachers is null ? null : Nearest(teachers, look.See(view, teacher!)),
            TeacherName = teacher?.Name,
        };
    }, cancel);

    /// <inheritdoc/>
    public void Dispose()
    {
        Forget();
        one.Dispose();
    }

    private async Task<T> Exclusively<T>(WatchedRun run, Func<T> ask, CancellationToken cancel)
    {
        await one.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return await Task.Run(() =>
            {
                if (whose != (run.Id, run.Stamp))
                {
                    Forget();
                    if (!run.Record.HasNetwork)
                        throw new InputException(run.Record.State == RunState.Done ? "The run has ended, and its network isn't there."
                            : "The network is written at the end of the run; until then there is none to ask.");
                    look = RunLook.Of(run.Record, null, TeacherFormats.All, cancel);
                    whose = (run.Id, run.Stamp);
                }
                return ask();
            }, cancel).ConfigureAwait(false);
        }
        finally
        {
            one.Release();
        }
    }

    private void Forget()
    {
        look?.Dispose();
        teacher?.Dispose();
        (whose, look, examples, teacher, student, teachers) = (null, null, null, null, null, null);
    }

    /// <summary>The teacher and its rows of the examples, if it is at hand.</summary>
    private void OpenTeacher(Recipe recipe, CancellationToken cancel)
    {
        if (teacher is not null || recipe.Teacher is not { } path) return;
        try
        {
            teacher = Teacher.Open(Teacher.Find(path, formats: TeacherFormats.All), Machine.Resolve(recipe).Networks, TeacherFormats.All);
            teachers = TeacherRows.Of(teacher, examples!, cancel).Rows;
        }
        catch (InputException)
        {
            // It is gone: the student answers alone.
        }
    }

    private static byte[] View(byte[] image, int size)
    {
        var framing = Framing.For(size);
        try
        {
            var (pixels, shape, _) = ImageDecoder.Decode(image, framing);
            var view = new byte[framing.ViewShape.Bytes];
            framing.Views.Apply(pixels, shape, view, framing.ViewShape, new View(0, 0, Refilled.Data.Views.View.Evaluation));
            return view;
        }
        catch (BadImageException e)
        {
            throw new InputException($"The image can't be used: {e.Message}", e);
        }
    }

    private IEnumerable<object> Nearest(IReadOnlyList<double[]> rows, double[] row)
    {
        static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());
        return [.. rows.Index().Select(pair => (pair.Index, Far: Distance(pair.Item, row))).OrderBy(pair => pair.Far).Take(NearestShown)
            .Select(pair => new
            {
                Class = examples!.ClassNames[examples.Labels[pair.Index]], Distance = Math.Round(pair.Far, 3),
                Picture = Pictures.Uri(examples, pair.Index),
            })];
    }

    private static IReadOnlyList<double[]> Rows(double[][] all, ImageSet set, ImageSet some)
    {
        var place = set.SampleIds.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        return [.. some.SampleIds.Select(id => all[place[id]])];
    }
}
