using System.Collections.Concurrent;
using System.Reflection;
using Refilled.Tests.Engine;
using Xunit.v3;
using static TorchSharp.torch;

[assembly: HeldTensors]

namespace Refilled.Tests.Engine;

/// <summary>Holds all tensors that a test makes on its thread until the test ends.</summary>
/// <remarks>Otherwise those between two operations of an assertion, such as the difference in <c>(a - b).abs()</c>, may be collected
/// while the engine reads them (docs/upstream/torchsharp-scalars.md): the whole process dies with the test.</remarks>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class HeldTensorsAttribute : BeforeAfterTestAttribute
{
    private static readonly ConcurrentDictionary<string, (IDisposable Scope, int Thread)> Open = [];

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        // A scope belongs to its thread, and a test that waits goes on in another.
        if (methodUnderTest.ReturnType == typeof(void))
            Open[test.UniqueID] = (NewDisposeScope(), Environment.CurrentManagedThreadId);
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (!Open.TryRemove(test.UniqueID, out var own)) return;
        Assert.Equal(own.Thread, Environment.CurrentManagedThreadId);
        own.Scope.Dispose();
    }
}
