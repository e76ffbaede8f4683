namespace Refilled.Data.Creatures;

/// <summary>The shape of the body.</summary>
internal enum Build { Round, Long, Tall, Slim }

/// <summary>What it stands on.</summary>
internal enum Legs { Fins, Two, FourShort, FourLong, Six }

/// <summary>What is between body and head.</summary>
internal enum Neck { None, Short, Long }

/// <summary>What is behind.</summary>
internal enum Tail { None, Thin, Bushy, Fan, Curled }

/// <summary>What is on the back.</summary>
internal enum Back { Bare, Spikes, Sail, Wing }

/// <summary>What is on the head.</summary>
internal enum Crown { None, Round, Pointed, LongEars, Floppy, Antennae, Horns, Crest }

/// <summary>What is in front of the face.</summary>
internal enum Face { Flat, Snout, Beak, Trunk }
