using Refilled.Data;
using Refilled.Experiments;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Training;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Tables;

/// <summary>Looks at everything that can be wrong with a table before any of it trains: the data, the classes of teachers and
/// students, images per class, and whether the networks' feature maps suit the methods.</summary>
public static class TablePreflight
{
    /// <summary>Checks the table.</summary>
    /// <param name="plan">The table.</param>
    /// <param name="cells">The runs that aren't done.</param>
    /// <param name="results">The results of those that are: they must be of the same data.</param>
    /// <param name="cancel">Stops the loading.</param>
    /// <exception cref="InputException">Something can't be used; the message holds everything that was found.</exception>
    public static void Check(TablePlan plan, IEnumerable<TableCell> cells, TableResults results, CancellationToken cancel = default)
    {
        if (plan.Recipe.Splits.Any(split => (split.Data ?? plan.Recipe.Data) is null)) throw new InputException("The table's recipe names no data: give them with --data.");
        var problems = new List<string>();
        var done = results.Read(plan);
        foreach (var group in cells.GroupBy(cell => (cell.Recipe.Data, cell.Recipe.DataOptions)))
        {
            var data = DataCatalog.Load(group.Key.Data, group.Key.DataOptions, cancel);
            if (done.FirstOrDefault(pair => pair.Key.Recipe.Data == group.Key.Data && pair.Value.DataHash != data.Hash) is { Key: { } old, Value: { } result })
                throw new InputException($"The result '{results.PathOf(old)}' was made with the data {result.DataHash}, and '{group.Key.Data}' is {data.Hash} now. {TableResults.Cure}");
            foreach (var cell in group)
            {
                cancel.ThrowIfCancellationRequested();
                try
                {
                    // Seeds differ in nothing that can be wrong.
                    if (!group.Any(other => other != cell && other.Split == cell.Split && other.Student == cell.Student && other.Method == cell.Method && other.Seed < cell.Seed)) Check(cell, data);
                }
                catch (InputException e)
                {
                    problems.Add($"{cell.Split}, {(cell.IsTeacher ? "teacher" : cell.Method)}: {e.Message}");
                }
            }
        }
        if (problems.Count > 0) throw new InputException(string.Join('\n', problems.Distinct()));
    }

    private static void Check(TableCell cell, Dataset data)
    {
        var recipe = Experiment.Resolve(cell.Recipe);
        var method = recipe.CreateMethod();
        using var scope = NewDisposeScope();
        using var trained = !method.HasTeacher ? null
            : cell.TrainedTeacher is { } path ? Owned.Of(TeacherFile.Load(path, device(recipe.Device), Devices.Resolve(recipe.Precision, recipe.Device), recipe.Layout))
            : Owned.Of(Untrained(cell.Teacher!, recipe, data));
        var images = RunImages.Select(recipe, data);
        var (train, heldOut) = (images.Train, images.HeldOut);
        if (trained is not null) ClassRelation.Check(recipe.Setting, trained.Network.ClassNames, train.ClassNames);
        MethodFit.CheckEpisodes(method, images);
        if (method.Classifier is { ChoosesOnHeldOut: true } && heldOut.Count == 0) throw new InputException($"the method '{method.Name}' chooses on held-out images, and none are held out: hold-out must be above 0");
        if (method.TeacherNeeds == Needs.None) return;
        ITeacher teacher = new NetworkTeacher(trained!.Network.Network, trained.Network.ClassNames);
        Experiment.CheckNeeds(method, teacher);
        if (method.Stages.Count == 0) return;
        if (method.ComparesLogits) teacher = MethodFit.MatchClasses(method, teacher, train.ClassNames);
        using var student = StudentNetwork.Create(recipe, (EmbeddingNetwork?)null, train, data.Statistics);
        MethodFit.CheckShapes(new TrainingTask(student, teacher, method, train, heldOut));
    }

    /// <summary>A network like the teacher's will be.</summary>
    private static TrainedNetwork Untrained(TableCell teacher, Recipe recipe, Dataset data)
    {
        var set = data.Train.OfClasses(ClassSpec.Parse(teacher.Recipe.Classes).Resolve(data));
        return new TrainedNetwork(StudentNetwork.Create(recipe with { Student = teacher.Recipe.Student }, (EmbeddingNetwork?)null, set, data.Statistics), set.ClassNames);
    }

    private sealed record Owned(TrainedNetwork Network) : IDisposable
    {
        public static Owned Of(TrainedNetwork network) => new(network);

        public void Dispose() => Network.Network.Dispose();
    }
}
