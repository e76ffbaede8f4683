using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Refilled.Cli;

/// <summary>Web servers of the command: no settings from the working folder or the environment, no log, no signals of their own.</summary>
internal static class LocalWeb
{
    /// <summary>A server that doesn't listen yet.</summary>
    /// <param name="host">Where it will.</param>
    /// <param name="port">The port; 0 takes a free one.</param>
    /// <param name="limit">Sets what it bears.</param>
    public static WebApplication Create(IPAddress host, int port, Action<KestrelServerLimits> limit)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, OurLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(host, port);
            kestrel.AddServerHeader = false;
            limit(kestrel.Limits);
        });
        return builder.Build();
    }

    /// <summary>Begins to listen.</summary>
    /// <exception cref="InputException">The address can't be had.</exception>
    public static async Task StartAsync(WebApplication web, IPAddress host, int port, CancellationToken cancel)
    {
        try
        {
            await web.StartAsync(cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"{host} can't be listened on at port {port}: {e.Message} Choose another with --port."), e);
        }
    }

    /// <summary>Runs until Ctrl-C, which is how a server ends.</summary>
    public static Task UntilStoppedAsync(CancellationToken cancel) => Task.Delay(Timeout.Infinite, cancel).ContinueWith(_ => { },
        CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>Leaves the signals to the command, which has its own way to end.</summary>
    private sealed class OurLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
