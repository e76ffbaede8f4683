using System.Runtime.CompilerServices;
using TorchSharp;

namespace Refilled.Tests.Engine;

/// <summary>How many tensors were freed by the collector rather than by whoever made them. One that is may be freed under a native call
/// that still reads it; one that a scope or a variable disposes of can't.</summary>
internal static class FreedTensors
{
    /// <summary>The number since the process began, after a collection of all that can be collected.</summary>
    public static long Count()
    {
        for (var round = 0; round < 3; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        var answer = new long[1];
        Ask(answer);
        while (Volatile.Read(ref answer[0]) == 0)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return answer[0] - 1;
    }

    // In a frame of its own, so that nothing refers to the question any more.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Ask(long[] answer) => _ = new Question(answer);

    /// <summary>Reads the engine's count of disposed tensors, which it keeps for each thread, on the collector's thread.</summary>
    private sealed class Question(long[] answer)
    {
        ~Question()
        {
            var counts = DisposeScopeManager.Statistics.TensorStatistics;
            Volatile.Write(ref answer[0], counts.DisposedOutsideScopeCount + counts.DisposedInScopeCount + 1);
        }
    }
}
