using System.Runtime.CompilerServices;
using Refilled.Native;
using TorchSharp;

namespace Refilled.Tests;

/// <summary>The engine is loaded before the first test touches TorchSharp.</summary>
internal static class TorchSetup
{
    [ModuleInitializer]
    internal static void Load()
    {
        TorchRuntime.Load();
        // Tests run side by side; one thread each keeps them from fighting over the cores.
        torch.set_num_threads(1);
    }
}
