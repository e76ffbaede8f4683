using System.Net;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Refilled.Charts;
using Refilled.Reports.Runs;
using Refilled.Training;

namespace Refilled.Cli.Watch;

/// <summary>A page of the runs in a folder, for this machine alone, that shows what they do as they do it.</summary>
/// <remarks>Every path begins with a secret that is drawn anew each time. It only reads. <c>events</c> is a stream of server-sent events.
/// </remarks>
internal sealed class WatchServer : IAsyncDisposable
{
    private const int MostImageBytes = 16 << 20, SecretBytes = 24, Connections = 64;

    private static readonly string[] Reading = ["GET", "HEAD"];

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1), Sign = TimeSpan.FromSeconds(15);

    private readonly WatchedRuns runs;
    private readonly RunLooker looker = new();
    private readonly WebApplication web;
    private readonly CancellationTokenSource ending = new();
    private readonly string secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes));

    private WatchServer(string folder, int port)
    {
        runs = new WatchedRuns(folder);
        web = LocalWeb.Create(IPAddress.Loopback, port, limits =>
        {
            limits.MaxRequestBodySize = MostImageBytes;
            limits.MaxConcurrentConnections = Connections;
        });
        web.Use(GuardAsync);
        web.MapMethods("/{secret}/", Reading, (HttpContext context) => context.Request.Path.Value!.EndsWith('/')
            ? Results.Content(Resource("watch.html"), "text/html; charset=utf-8") : Results.Redirect($"{context.Request.Path}/"));
        web.MapMethods("/{secret}/watch.js", Reading, () => Results.Content(Resource("watch.js"), "text/javascript; charset=utf-8"));
        var style = SvgSheet.Colours("@media screen and (prefers-color-scheme:dark)") + Reports.ReportPage.Style + Resource("watch.css");
        web.MapMethods("/{secret}/watch.css", Reading, () => Results.Content(style, "text/css; charset=utf-8"));
        web.MapGet("/{secret}/events", EventsAsync);
        web.MapMethods("/{secret}/run", Reading, (string id) => Of(id, run => Results.Json(RunViews.Whole(run), RunFolder.Json)));
        web.MapGet("/{secret}/compare", (string first, string second) => Of(first, one => Of(second, other =>
            Results.Json(RunViews.Compared(one, other), RunFolder.Json))));
        web.MapGet("/{secret}/look", (string id, HttpContext context) => AskAsync(id, async run =>
            Results.Content(await looker.LookAsync(run, context.RequestAborted).ConfigureAwait(false), "text/html; charset=utf-8")));
        web.MapPost("/{secret}/try", (string id, HttpContext context) => AskAsync(id, async run => Results.Json(
            await looker.TryAsync(run, await BodyAsync(context).ConfigureAwait(false), context.RequestAborted).ConfigureAwait(false),
            RunFolder.Json)));
        web.MapFallback(() => Refused(StatusCodes.Status404NotFound, "There is nothing here."));
    }

    /// <summary>The page's address with its secret, once it listens.</summary>
    public Uri Address => new(new Uri(web.Urls.Single()), $"/{secret}/");

    /// <summary>Reads the folder and begins to listen.</summary>
    /// <exception cref="InputException">There is no such folder, or the port can't be had.</exception>
    public static async Task<WatchServer> StartAsync(string folder, int port, CancellationToken cancel)
    {
        RunPlaces.MustBeReadable(folder);
        var server = new WatchServer(Path.GetFullPath(folder), port);
        try
        {
            server.runs.Look();
            await LocalWeb.StartAsync(server.web, IPAddress.Loopback, port, cancel).ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync().ConfigureAwait(false);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await web.StopAsync(patience.Token).ConfigureAwait(false);
        await web.DisposeAsync().ConfigureAwait(false);
        looker.Dispose();
        ending.Dispose();
    }

    /// <summary>Lets in who knows the secret and has come by this machine's own name: a page elsewhere knows neither.</summary>
    private Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        var (headers, path) = (context.Response.Headers, context.Request.Path.Value ?? "");
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer"; // It would tell the secret.
        headers.XContentTypeOptions = "nosniff";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.ContentSecurityPolicy = "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
            + "frame-ancestors 'none'; form-action 'none'; base-uri 'none'";
        var named = context.Request.Host.Host is "127.0.0.1" or "localhost";
        var first = path.TrimStart('/').Split('/')[0];
        var known = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(first), Encoding.UTF8.GetBytes(secret));
        return named && known ? next(context)
            : Refused(StatusCodes.Status403Forbidden, "This page's address has a secret in it, which 'refilled watch' has printed.")
                .ExecuteAsync(context);
    }

    /// <summary>All runs first, then what changes.</summary>
    private async Task EventsAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, ending.Token);
        try
        {
            var (seen, told) = (new Dictionary<string, WatchedRun>(), DateTime.UtcNow);
            await SendAsync(context, "folder", new { runs.Root }, stop.Token).ConfigureAwait(false);
            for (var isFirst = true; ; isFirst = false)
            {
                runs.Look();
                // By what this listener was told: there may be others.
                var now = runs.All;
                var changed = now.Where(run => seen.GetValueOrDefault(run.Id) != run).Select(RunViews.Listed).ToList();
                var gone = seen.Keys.Except(now.Select(run => run.Id)).ToList();
                if (isFirst || changed.Count + gone.Count > 0)
                {
                    await SendAsync(context, "runs", new { Changed = changed, Gone = gone }, stop.Token).ConfigureAwait(false);
                    told = DateTime.UtcNow;
                }
                else if (DateTime.UtcNow - told > Sign)
                {
                    await context.Response.WriteAsync(":\n\n", stop.Token).ConfigureAwait(false);
                    await context.Response.Body.FlushAsync(stop.Token).ConfigureAwait(false);
                    told = DateTime.UtcNow;
                }
                seen = now.ToDictionary(run => run.Id);
                await Task.Delay(Pause, stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody listens any more.
        }
    }

    private static async Task SendAsync(HttpContext context, string kind, object value, CancellationToken cancel)
    {
        await context.Response.WriteAsync($"event: {kind}\ndata: {JsonSerializer.Serialize(value, RunFolder.Json)}\n\n", cancel)
            .ConfigureAwait(false);
        await context.Response.Body.FlushAsync(cancel).ConfigureAwait(false);
    }

    private IResult Of(string id, Func<WatchedRun, IResult> answer) => runs.Find(id) is { } run ? answer(run) : Unknown(id);

    private async Task<IResult> AskAsync(string id, Func<WatchedRun, Task<IResult>> ask)
    {
        if (runs.Find(id) is not { } run) return Unknown(id);
        try
        {
            return await ask(run).ConfigureAwait(false);
        }
        catch (InputException e)
        {
            return Refused(StatusCodes.Status422UnprocessableEntity, e.Message);
        }
        catch (BadHttpRequestException e)
        {
            return Refused(e.StatusCode, e.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? $"The image has more than {MostImageBytes >> 20} MiB, the most that is read." : e.Message);
        }
        catch (OperationCanceledException)
        {
            return Results.Empty;
        }
    }

    private static async Task<byte[]> BodyAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
        return body.Length > 0 ? body.ToArray() : throw new InputException("The request has no image in its body.");
    }

    private static IResult Unknown(string id) => Refused(StatusCodes.Status404NotFound, $"There is no run '{id}' in this folder.");

    private static IResult Refused(int status, string why) => Results.Json(new { Error = why }, RunFolder.Json, statusCode: status);

    private static string Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
