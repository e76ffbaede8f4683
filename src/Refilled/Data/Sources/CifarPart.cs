namespace Refilled.Data.Sources;

/// <summary>Training or test images of CIFAR-100, however they were written.</summary>
/// <param name="Where">The file, for messages.</param>
/// <param name="Coarse">The group of each image.</param>
/// <param name="Fine">The class of each image.</param>
/// <param name="PixelsOf">Planes of an image, <c>[3, 32, 32]</c>.</param>
internal sealed record CifarPart(string Where, int[] Coarse, int[] Fine, Func<int, ReadOnlyMemory<byte>> PixelsOf);
