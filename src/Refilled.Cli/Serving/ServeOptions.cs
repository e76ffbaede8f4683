using System.Net;

namespace Refilled.Cli.Serving;

/// <summary>Where a server listens, and what it bears.</summary>
internal sealed record ServeOptions
{
    /// <summary>The address. Default: this machine alone.</summary>
    public IPAddress Host { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Most bytes of an image.</summary>
    public long MostBytes { get; init; } = 16L << 20;

    /// <summary>Requests that are in hand at once; more are told to come again.</summary>
    public int Queue { get; init; } = 64;

    /// <summary>How long a request may take, from its first byte to its answer.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);
}
