using System.Net;
using System.Net.Http.Headers;
using Refilled.Files;

namespace Refilled.Data.Fetch;

/// <summary>Downloads archives.</summary>
/// <remarks>A broken download goes on where it stopped, in this process or a later one, and a file gets its name only when its
/// checksum is the published one.</remarks>
internal sealed class Download : IDisposable
{
    private readonly HttpClient http;

    /// <inheritdoc cref="Download"/>
    /// <param name="handler">Sends the requests; null for the usual one. It is not disposed.</param>
    public Download(HttpMessageHandler? handler = null) =>
        http = new HttpClient(handler ?? new SocketsHttpHandler(), disposeHandler: handler is null) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>How long to wait before each new attempt; then it is given up.</summary>
    internal IReadOnlyList<TimeSpan> Waits { get; init; } = [.. new[] { 1, 2, 4, 8, 16 }.Select(seconds => TimeSpan.FromSeconds(seconds))];

    /// <summary>A connection that sends nothing for so long counts as broken.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>No archive is larger: a server that says or sends more is not believed.</summary>
    internal long Largest { get; init; } = 64L << 30;

    /// <summary>Brings an archive into a folder. One that is there already is checked and left alone.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="folder">The folder; it is made where it is missing.</param>
    /// <param name="progress">Gets every step, on any thread.</param>
    /// <param name="cancel">Stops the download; what is there is kept for the next.</param>
    /// <exception cref="InputException">The folder or the address can't be used, or the checksum is another.</exception>
    /// <exception cref="FetchException">The network, the server or the disk failed.</exception>
    public async Task<FetchedArchive> RunAsync(OfficialArchive archive, string folder, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancel = default)
    {
        if (!archive.Address.IsAbsoluteUri || archive.Address.Scheme is not ("http" or "https"))
            throw new InputException($"'{archive.Address}' is no address of a file: it begins with http:// or https://.");
        if (archive.Address.UserInfo.Length > 0)
            throw new InputException($"An address with a user name can't be used; '{archive.Address.Host}' must offer the file openly.");
        var path = Path.Combine(folder, archive.FileName);
        if (Directory.Exists(path))
            throw new InputException($"'{path}' is a folder, and the archive would get that name. Choose another folder with --to.");
        if (File.Exists(path)) return await CheckAsync(path, archive, cancel).ConfigureAwait(false);

        using var part = PartFile.Open(path);
        await FillAsync(part, archive, progress, cancel).ConfigureAwait(false);
        var md5 = await part.Md5Async(cancel).ConfigureAwait(false);
        if (!IsOf(archive, md5))
        {
            part.Discard();
            throw new InputException($"What {Shown(archive)} sent is not the official {archive.FileName}: its MD5 is {md5}, "
                + $"the official one {archive.Md5}. It was deleted; try again, or another address with --from.");
        }
        var bytes = part.Length;
        part.Complete();
        return new FetchedArchive(path, bytes, WasThere: false);
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private static Task<FetchedArchive> CheckAsync(string path, OfficialArchive archive, CancellationToken cancel) => Disk.TryAsync(
        async () =>
        {
            using var file = File.OpenRead(path);
            var md5 = await Checksum.Md5Async(file, cancel).ConfigureAwait(false);
            if (IsOf(archive, md5)) return new FetchedArchive(path, file.Length, WasThere: true);
            throw new InputException($"'{path}' is there, but it is not the official archive: its MD5 is {md5}, "
                + $"the official one {archive.Md5}. Move it away, or choose another folder with --to.");
        },
        e => new InputException($"'{path}' is there, but can't be read: {e.Message}", e));

    /// <summary>Tries until the part is whole, as far as the server tells.</summary>
    private async Task FillAsync(PartFile part, OfficialArchive archive, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        for (var attempt = 0; await AttemptAsync(part, archive, attempt == 0, progress, cancel)
            .ConfigureAwait(false) is { } trouble; attempt++)
        {
            if (attempt == Waits.Count)
            {
                throw new FetchException($"{Shown(archive)} failed {attempt + 1} times, at last because {trouble}."
                    + (part.Length > 0 ? $" {part.Length} bytes are kept in '{part.Path}'; the same command goes on from there." : ""));
            }
            progress?.Report(new DownloadProgress(part.Length, null, trouble));
            await Task.Delay(Waits[attempt], cancel).ConfigureAwait(false);
        }
    }

    /// <summary>One request for what is missing.</summary>
    /// <returns>Null when the server has sent all, else what broke.</returns>
    private async Task<string?> AttemptAsync(PartFile part, OfficialArchive archive, bool first, IProgress<DownloadProgress>? progress,
        CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            patience.CancelAfter(Patience);
            using var request = Request(part, archive);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token)
                .ConfigureAwait(false);
            var (whole, end) = (response.Content.Headers.ContentLength, response.Content.Headers.ContentLength);
            switch (response.StatusCode)
            {
                case HttpStatusCode.OK: // ranges are ignored, or the file is another than the one that was begun
                    CheckSize(archive, whole);
                    part.StartAnew(VersionOf(response));
                    break;
                case HttpStatusCode.PartialContent when part.Length > 0:
                    var range = response.Content.Headers.ContentRange;
                    if (range?.From != part.Length || VersionOf(response) is { } version && part.Version is { } begun
                        && !version.Equals(begun))
                    {
                        part.StartAnew(null);
                        return "the server sent another part than the one asked for, so it begins anew";
                    }
                    (whole, end) = (range.Length, range.To + 1);
                    CheckSize(archive, whole ?? end);
                    break;
                case HttpStatusCode.RequestedRangeNotSatisfiable when part.Length > 0: // nothing is missing, or the file is another
                    if (IsOf(archive, await part.Md5Async(cancel).ConfigureAwait(false))) return null;
                    part.StartAnew(null);
                    return "the server has no such part, so it begins anew";
                case >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout:
                    return $"the server answered {Shown(response)}";
                default:
                    throw Refused(archive, response);
            }
            await CopyAsync(response, part, archive, (whole, end), progress, patience, cancel).ConfigureAwait(false);
            return part.Length < whole ? "the connection ended early" : null;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return $"nothing came for {Patience.TotalSeconds:0} seconds";
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            cancel.ThrowIfCancellationRequested();
            var cause = e.InnerException ?? e;
            var reason = cause.Message.ReplaceLineEndings(" ").TrimEnd('.');
            // Later, a host that is not found means that the network has gone for a while; at first, that the address is wrong.
            if (first && e is HttpRequestException { HttpRequestError: var kind and (HttpRequestError.NameResolutionError
                or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError) })
                throw new FetchException($"{Shown(archive)} can't be "
                    + $"reached{(kind is HttpRequestError.SecureConnectionError ? " securely" : "")}: {reason}.", e);
            return cause is HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded }
                ? "the connection ended early"
                : $"the connection broke ({reason})";
        }
    }

    private async Task CopyAsync(HttpResponseMessage response, PartFile part, OfficialArchive archive, (long? Whole, long? End) promised,
        IProgress<DownloadProgress>? progress, CancellationTokenSource patience, CancellationToken cancel)
    {
        using var body = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
        var buffer = new byte[1 << 17];
        for (; ; )
        {
            patience.CancelAfter(Patience);
            var count = await body.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
            if (count == 0) return;
            if (part.Length + count > (promised.End ?? Largest))
            {
                part.Discard();
                throw new FetchException($"{Shown(archive)} sent more than {promised.End ?? Largest} bytes, which is all that it may; "
                    + "what came was deleted.");
            }
            // Not with the patience: a slow disk is no broken connection, and half a write must not be.
            await part.AppendAsync(buffer.AsMemory(0, count), cancel).ConfigureAwait(false);
            progress?.Report(new DownloadProgress(part.Length, promised.Whole ?? archive.Bytes));
        }
    }

    private static HttpRequestMessage Request(PartFile part, OfficialArchive archive)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, archive.Address);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Refilled", null));
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity")); // lengths and ranges are the file's own
        if (part.Length == 0) return request;
        request.Headers.Range = new RangeHeaderValue(part.Length, null);
        request.Headers.IfRange = part.Version;
        return request;
    }

    /// <summary>By what the server tells this version of the file from others. Weak tags may not stand in If-Range.</summary>
    private static RangeConditionHeaderValue? VersionOf(HttpResponseMessage response) =>
        response.Headers.ETag is { IsWeak: false } tag ? new RangeConditionHeaderValue(tag)
        : response.Content.Headers.LastModified is { } date ? new RangeConditionHeaderValue(date) : null;

    private void CheckSize(OfficialArchive archive, long? bytes)
    {
        if (bytes > Largest)
            throw new FetchException($"{Shown(archive)} says that it has {bytes} bytes; no archive is larger than {Largest}.");
    }

    private static FetchException Refused(OfficialArchive archive, HttpResponseMessage response) =>
        (int)response.StatusCode is >= 300 and < 400 && response.Headers.Location is { } location
            ? new FetchException($"{Shown(archive)} leads on to "
                + $"{location.GetComponents(UriComponents.SerializationInfoString, UriFormat.UriEscaped)}, where it isn't followed "
                + $"({Shown(response)}). Give the right address with --from.")
            : new FetchException($"{Shown(archive)} can't be fetched: the server answered {Shown(response)}.");

    private static bool IsOf(OfficialArchive archive, string md5) => string.Equals(md5, archive.Md5, StringComparison.OrdinalIgnoreCase);

    private static string Shown(OfficialArchive archive) => archive.Address.AbsoluteUri;

    /// <summary>The number and our own name for it: the server's phrase could hold anything.</summary>
    private static string Shown(HttpResponseMessage response) => $"{(int)response.StatusCode} ({response.StatusCode})";
}

/// <summary>Where a download stands.</summary>
/// <param name="Done">Bytes on disk, those of earlier attempts included.</param>
/// <param name="Total">Bytes of the whole file, where they are known.</param>
/// <param name="Trouble">Why the connection broke, where it is about to be tried again; null while bytes come.</param>
internal sealed record DownloadProgress(long Done, long? Total, string? Trouble = null);

/// <summary>An archive on disk whose checksum is the published one.</summary>
/// <param name="Path">The file.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="WasThere">Whether it lay there already, so that nothing was downloaded.</param>
internal sealed record FetchedArchive(string Path, long Bytes, bool WasThere);

/// <summary>The network, the server or the disk failed while an archive was fetched or unpacked.</summary>
/// <remarks>The message says which, and what is kept.</remarks>
internal sealed class FetchException : Exception
{
    /// <inheritdoc cref="FetchException"/>
    public FetchException(string message) : base(message) { }

    /// <inheritdoc cref="FetchException"/>
    public FetchException(string message, Exception inner) : base(message, inner) { }
}
