using Refilled.Native;
using Refilled.Tests.Support;

namespace Refilled.Tests.Native;

public class GpuModelsTests
{
    [Fact]
    public void Models_are_read_in_the_order_of_the_bus()
    {
        using var folder = new TemporaryFolder();
        folder.Write("0000:41:00.0/information", "Model: \t\t NVIDIA A100-SXM4-80GB\nIRQ:   \t\t 60\n");
        folder.Write("0000:01:00.0/information", "Model: \t\t NVIDIA H200\nIRQ:   \t\t 59\nGPU Firmware: \t 580.159.03\n");
        Assert.Equal(["NVIDIA H200", "NVIDIA A100-SXM4-80GB"], GpuModels.Read(folder.Path));
    }

    [Fact]
    public void What_the_driver_does_not_say_is_left_out()
    {
        using var folder = new TemporaryFolder();
        folder.Write("0000:01:00.0/information", "IRQ:   \t\t 59\n");
        Assert.Empty(GpuModels.Read(folder.Path));
        Directory.CreateDirectory(folder["0000:02:00.0"]);
        Assert.Empty(GpuModels.Read(folder.Path));
        Assert.Empty(GpuModels.Read(folder["missing"]));
    }

    [Fact]
    public void A_result_made_on_a_card_names_it()
    {
        var facts = HostFacts.Collect() with { Gpus = ["NVIDIA H200", "NVIDIA H200"] };
        Assert.StartsWith("cuda (NVIDIA H200), ", facts.Summary("cuda", 2), StringComparison.Ordinal);
        Assert.StartsWith("cpu, ", facts.Summary("cpu", 2), StringComparison.Ordinal);
    }
}
