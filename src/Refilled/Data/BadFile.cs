namespace Refilled.Data;

/// <summary>An image file that can't be used.</summary>
/// <param name="Name">Its path within the source.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record BadFile(string Name, string Reason);
