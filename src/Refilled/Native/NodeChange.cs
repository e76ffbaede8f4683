namespace Refilled.Native;

/// <summary>What <see cref="ElfVersionNeeds.MakeWeak"/> found and did.</summary>
internal enum NodeChange
{
    /// <summary>The file doesn't name the node; nothing was changed.</summary>
    Absent,

    /// <summary>The node is named but not insisted on; nothing was changed.</summary>
    AlreadyWeak,

    /// <summary>The node was required and is weak now.</summary>
    MadeWeak,
}
