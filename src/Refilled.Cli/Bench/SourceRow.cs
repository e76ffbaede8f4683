namespace Refilled.Cli.Bench;

/// <summary>Something that can be measured again and again.</summary>
/// <param name="Name">What the result is called.</param>
/// <param name="Pass">Does the same work each time and returns the number of images it was done for.</param>
internal sealed record SourceRow(string Name, Func<CancellationToken, int> Pass);
