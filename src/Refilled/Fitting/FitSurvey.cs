using Refilled.Experiments;

namespace Refilled.Fitting;

/// <summary>Looks at images before anything is fitted to them.</summary>
internal static class FitSurvey
{
    /// <summary>Checks that there is something to learn.</summary>
    /// <exception cref="InputException">All images are the same.</exception>
    public static void Check(RunImages images, string data)
    {
        var store = images.Train.Store;
        var first = store[images.Train.SampleIds[0]].ToArray();
        if (images.Train.SampleIds.All(id => store[id].SequenceEqual(first)))
            throw new InputException($"All {images.Train.Count} training images of '{data}' are the same picture; "
                + "there is nothing to learn from them.");
        if (images.Test.Count == 0)
            throw new InputException($"'{data}' has no test images of these classes, so that nobody could say how good the "
                + "network is. Give it some, or leave out the division into train and test, and a part is set aside.");
    }
}
