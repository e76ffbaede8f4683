using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Refilled.Deploy;
using Refilled.Training;

namespace Refilled.Cli.Serving;

/// <summary>A classifier behind HTTP: an image in, classes with probabilities out.</summary>
/// <remarks><c>POST /classify</c> (the image as the body, or as the one file of a form; <c>?top=n</c>), <c>GET /</c>,
/// <c>GET /health</c>. Whatever is refused has a status and <c>{"error": …}</c>.</remarks>
internal sealed class ClassifyServer : IAsyncDisposable
{
    private const int Top = 5;

    /// <summary>What a form has around its file.</summary>
    private const int FormBytes = 1 << 16;

    private readonly ImageClassifier classifier;
    private readonly ServeOptions options;
    private readonly ClassifyQueue queue;
    private readonly SemaphoreSlim decoders = new(Environment.ProcessorCount);
    private readonly WebApplication web;
    private int inHand;

    private ClassifyServer(ImageClassifier classifier, ServeOptions options)
    {
        (this.classifier, this.options) = (classifier, options);
        queue = new ClassifyQueue(classifier, options.Queue);
        web = LocalWeb.Create(options.Host, options.Port, limits =>
        {
            limits.MaxRequestBodySize = options.MostBytes + FormBytes;
            limits.MaxConcurrentConnections = 4 * options.Queue;
            limits.RequestHeadersTimeout = options.Patience;
        });
        web.MapGet("/health", () => Results.Json(new { Status = "ok" }, RunFolder.Json));
        web.MapGet("/", () => Results.Json(new
        {
            classifier.Network, Classes = classifier.ClassNames, classifier.Size, classifier.Temperature, classifier.Source,
            options.MostBytes,
        }, RunFolder.Json));
        web.MapPost("/classify", (Delegate)ClassifyAsync);
        web.MapFallback(() => Refused(StatusCodes.Status404NotFound, "There is GET /, GET /health and POST /classify."));
    }

    /// <summary>Where it listens, once it does.</summary>
    public Uri Address => new(web.Urls.Single());

    /// <summary>Requests that wait for their answer.</summary>
    public int InHand => Volatile.Read(ref inHand);

    /// <inheritdoc cref="ClassifyQueue.Done"/>
    public (int Passes, int Images) Done => queue.Done;

    /// <summary>Begins to listen.</summary>
    /// <param name="classifier">What answers; it is not disposed.</param>
    /// <param name="options">Where, and how much it bears.</param>
    /// <param name="cancel">Stops the beginning.</param>
    /// <exception cref="InputException">The address can't be had.</exception>
    public static async Task<ClassifyServer> StartAsync(ImageClassifier classifier, ServeOptions options, CancellationToken cancel)
    {
        var server = new ClassifyServer(classifier, options);
        try
        {
            await LocalWeb.StartAsync(server.web, options.Host, options.Port, cancel).ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Answers what is in hand, for a while, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await web.StopAsync(patience.Token).ConfigureAwait(false);
        await web.DisposeAsync().ConfigureAwait(false);
        await queue.DisposeAsync().ConfigureAwait(false);
        decoders.Dispose();
    }

    private async Task<IResult> ClassifyAsync(HttpContext context)
    {
        var asked = context.Request.Query["top"].ToString();
        var top = Top;
        if (asked.Length > 0 && (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out top) || top < 1))
            return Refused(StatusCodes.Status400BadRequest, "'top' must be a number from 1 on.");
        if (Interlocked.Increment(ref inHand) > options.Queue)
        {
            Interlocked.Decrement(ref inHand);
            context.Response.Headers.RetryAfter = "1";
            return Refused(StatusCodes.Status503ServiceUnavailable, $"{options.Queue} requests are in hand; come again in a second.");
        }
        using var late = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        late.CancelAfter(options.Patience);
        try
        {
            var image = await ImageAsync(context.Request, late.Token).ConfigureAwait(false);
            if (image.Length == 0) return Refused(StatusCodes.Status400BadRequest, "The request has no image in its body.");
            var view = await ViewAsync(image, late.Token).ConfigureAwait(false);
            var answer = await queue.ClassifyAsync(view, late.Token).ConfigureAwait(false);
            return Results.Json(new { Classes = answer.Top(top) }, RunFolder.Json);
        }
        catch (ImageException e)
        {
            return Refused(StatusCodes.Status400BadRequest, e.Message);
        }
        catch (BadHttpRequestException e)
        {
            return Refused(e.StatusCode, e.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge : e.Message);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return Refused(StatusCodes.Status400BadRequest, $"The form can't be read: {e.Message}");
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return Refused(StatusCodes.Status503ServiceUnavailable, string.Create(CultureInfo.InvariantCulture,
                $"The answer took longer than {options.Patience.TotalSeconds:0.#} seconds."));
        }
        catch (OperationCanceledException)
        {
            return Results.Empty; // Nobody listens any more.
        }
        finally
        {
            Interlocked.Decrement(ref inHand);
        }
    }

    /// <summary>The body, or the one file of a form.</summary>
    private async Task<byte[]> ImageAsync(HttpRequest request, CancellationToken cancel)
    {
        using var image = new MemoryStream();
        // (curl --data-binary says of any body that it is a form, but no multipart one.)
        if (request.ContentType?.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) != true)
        {
            await request.Body.CopyToAsync(image, cancel).ConfigureAwait(false);
        }
        else
        {
            var limits = new FormOptions
            {
                MultipartBodyLengthLimit = options.MostBytes, MemoryBufferThreshold = int.MaxValue, ValueCountLimit = 16,
                BufferBodyLengthLimit = options.MostBytes + FormBytes,
            };
            var form = await request.ReadFormAsync(limits, cancel).ConfigureAwait(false);
            if (form.Files is not [var file])
                throw new ImageException($"The form has {form.Files.Count} files: each request is one image.");
            await file.CopyToAsync(image, cancel).ConfigureAwait(false);
        }
        if (image.Length > options.MostBytes)
            throw new BadHttpRequestException(TooLarge, StatusCodes.Status413PayloadTooLarge);
        return image.ToArray();
    }

    private string TooLarge => string.Create(CultureInfo.InvariantCulture,
        $"The image has more than {options.MostBytes / 1048576.0:0.##} MiB, the most that is read.");

    /// <summary>Decoding takes a core and memory, so that no more images than cores are decoded at once.</summary>
    private async Task<byte[]> ViewAsync(byte[] image, CancellationToken cancel)
    {
        await decoders.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => classifier.View(image), cancel).ConfigureAwait(false);
        }
        finally
        {
            decoders.Release();
        }
    }

    private static IResult Refused(int status, string why) => Results.Json(new { Error = why }, RunFolder.Json, statusCode: status);
}
