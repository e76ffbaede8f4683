using Refilled.Data;
using Refilled.Data.Decoding;
using Refilled.Tests.Support;

namespace Refilled.Tests.Data;

/// <summary>Reading data can be stopped at any time.</summary>
public sealed class StoppedLoadingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Drawing_a_generated_world_is_stopped() =>
        Stopping.Soon(cancel => DataCatalog.Load("generated:0,classes=100,train=1000,test=1", null, cancel));

    [Fact]
    public void Decoding_is_stopped()
    {
        var picture = MadeUpFiles.Picture(1, 3000, 3000);
        MadeUpFiles.Folder(folder["data"], from i in Enumerable.Range(0, 200) select KeyValuePair.Create($"{i % 2}/{i}.png", picture));
        Stopping.Soon(cancel => DataCatalog.Load("folder:" + folder["data"], null, cancel));
    }

    [Theory]
    [InlineData(DecodedCacheMode.Off)]
    [InlineData(DecodedCacheMode.On)]
    public void Hashing_is_stopped(DecodedCacheMode mode)
    {
        Assert.Throws<OperationCanceledException>(() => DatasetHash.Of(Stopping.Stopped, MadeUpImages.Set(4, 2)));
        MadeUpFiles.Folder(folder["data"], from i in Enumerable.Range(0, 8)
            select KeyValuePair.Create($"{i % 2}/{i}.png", MadeUpFiles.Picture(i)));
        var options = new DataOptions { DecodedCache = mode, CacheFolder = folder["cache"] };
        DataCatalog.Load("folder:" + folder["data"], options, TestContext.Current.CancellationToken);
        Assert.ThrowsAny<OperationCanceledException>(() => DataCatalog.Load("folder:" + folder["data"], options, Stopping.Stopped));
    }

    [Fact]
    public void An_archive_of_cifar_is_stopped()
    {
        var data = "cifar100:" + TinyCifar.Archive(folder["tiny.tar.gz"], TinyCifar.Files());
        DataCatalog.Load(data, null, TestContext.Current.CancellationToken);
        Assert.Throws<OperationCanceledException>(() => DataCatalog.Load(data, null, Stopping.Stopped));
    }
}
