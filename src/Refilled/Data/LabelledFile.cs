namespace Refilled.Data;

/// <summary>An image file of a source and what is said of it.</summary>
/// <param name="Name">Its path within the source.</param>
/// <param name="Label">Its class.</param>
/// <param name="Part">What it is for.</param>
/// <param name="Subject">The object, burst or person that it shows with others; null where nobody says.</param>
internal sealed record LabelledFile(string Name, int Label, Part Part, string? Subject = null);

/// <summary>What an image is for.</summary>
internal enum Part { Train, Validation, Test }
