using Refilled.Evaluation;
using Refilled.Networks;
using Refilled.Tests.Support;
using Refilled.Training;
using static TorchSharp.torch;

namespace Refilled.Tests.Evaluation;

/// <summary>Measuring can be stopped at any time.</summary>
public class StoppedEvaluationTests
{
    [Fact]
    public void A_pass_over_a_set_is_stopped_between_two_batches()
    {
        using var network = NetworkCatalog.Create("wrn-10-1", new NetworkOptions(4));
        var many = Stopping.Many();
        Stopping.Soon(cancel => Evaluator.Evaluate(network, many, many, cancel));
        Stopping.Soon(cancel => Evaluator.Right(network, many, cancel));
        Stopping.Soon(cancel => MeanClassifier.Give(network, many, cancel));
        Stopping.Soon(cancel => Selection.Score(SelectionMeasure.Accuracy, network, many, many, cancel));
        Assert.True(network.training); // as before
    }

    [Fact]
    public void The_search_for_neighbours_is_stopped()
    {
        using var scope = NewDisposeScope();
        var (rows, labels) = (Rows.Random(60_000, 16, 1), Numbers.Range(0, 60_000).Modulo(7));
        Stopping.Soon(cancel => NearestNeighbour.Accuracy(rows, labels, rows, labels, cancel));
        using var readings = new Readings(rows, rows, labels);
        using var fitted = new NearestNeighbourClassifier().Fit(readings, readings, 7, TestContext.Current.CancellationToken);
        Stopping.Soon(cancel => fitted.Scores(rows, cancel));
    }

    [Fact]
    public void Logistic_regression_is_stopped()
    {
        using var scope = NewDisposeScope();
        using var readings = new Readings(Rows.Random(20_000, 256, 1), zeros(0, 1), Numbers.Range(0, 20_000).Modulo(50));
        Stopping.Soon(cancel => new LogisticRegression().Fit(readings, readings, 50, cancel));
    }
}
