namespace Refilled.Data.Creatures;

/// <summary>The pattern of a coat.</summary>
internal enum Pattern { Plain, Stripes, Bands, Diagonal, Spots, Speckles, Rings, Patches, Saddle, Belly, Front }
