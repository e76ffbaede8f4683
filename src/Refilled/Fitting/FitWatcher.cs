using Refilled.Training;

namespace Refilled.Fitting;

/// <summary>Who is told what a fit does. By default nobody.</summary>
internal record FitWatcher
{
    /// <summary>Told a sentence.</summary>
    public Action<string> Say { get; init; } = _ => { };

    /// <summary>Does one training, named, and may show its progress.</summary>
    public Action<string, Action<IProgress<TrainProgress>?>> Train { get; init; } = (_, work) => work(null);

    /// <summary>Has the teacher asked, and may show how far that is: images done and their total.</summary>
    public Action<Action<Action<int, int>>> Ask { get; init; } = work => work((_, _) => { });
}
