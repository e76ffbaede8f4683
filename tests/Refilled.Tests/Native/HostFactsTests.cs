using System.Text;
using Refilled.Native;

namespace Refilled.Tests.Native;

public class HostFactsTests
{
    [Fact]
    public void Processor_features_come_from_the_flags()
    {
        var features = CpuFeatures.Parse("processor\t: 0\nmodel name\t: Some CPU @ 2.00GHz\nflags\t\t: fpu avx2 avx512f avx512_bf16\nbogomips\t: 1\n\nprocessor\t: 1\nflags\t\t: amx_bf16\n");
        Assert.Equal(new CpuFeatures("Some CPU @ 2.00GHz", true, true, true, false), features);
        Assert.True(features.ComputesBf16);
        Assert.False(CpuFeatures.Parse("model name : x\nflags : avx2 avx512f\n").ComputesBf16);
        Assert.Equal(new CpuFeatures("unknown", false, false, false, false), CpuFeatures.Parse(""));
    }

    [Fact]
    public void Mapped_files_are_listed_once() => Assert.Equal(["/usr/lib/liba.so", "/opt/with space/libb.so.6"], HostFacts.MappedFiles(
        "7f00-7f01 r--p 0 fe:00 1  /usr/lib/liba.so\n7f01-7f02 r-xp 0 fe:00 1  /usr/lib/liba.so\n7f02-7f03 rw-p 0 0:0 0 \n7f03-7f04 r--p 0 fe:00 2 /opt/with space/libb.so.6\n7f-80 rw-p 0 0:0 0 [heap]\n7f-80 r--p 0 0:0 0 /usr/share/locale.archive\n"));

    [Fact]
    public void The_newest_node_is_found_by_number_not_by_text()
    {
        Assert.Equal("GLIBCXX_3.4.30", HostFacts.NewestNode(Encoding.ASCII.GetBytes("x\0GLIBCXX_3.4.9\0GLIBCXX_3.4.30\0GLIBCXX_3.4\0GLIBCXX_DEBUG\0GLIBCXX_3.4.5")));
        Assert.Null(HostFacts.NewestNode("nothing"u8));
    }

    [Fact]
    public void This_machine_has_facts()
    {
        var facts = HostFacts.Collect();
        Assert.StartsWith("0.107", facts.TorchSharp, StringComparison.Ordinal);
        Assert.NotEmpty(facts.Natives);
        Assert.True(facts.Cores > 0 && facts.Threads > 0 && facts.MemoryMiB > 0);
    }
}
