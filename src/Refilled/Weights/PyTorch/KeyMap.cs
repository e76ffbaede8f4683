using System.Text.RegularExpressions;

namespace Refilled.Weights.PyTorch;

/// <summary>How the tensors of a kind of networks are called elsewhere, and how such a network is known by them.</summary>
/// <param name="Whose">Whose networks they are, for messages.</param>
/// <param name="Serves">Form of the catalogue's names that it is for.</param>
/// <param name="Find">The catalogue's name for a network of given tensors; null where they are of another kind.</param>
/// <param name="Renames">From our names to theirs: forms, and what stands in their place, in order; the first that fits decides.</param>
/// <param name="ForPhotos">Whether such networks were trained on ImageNet, as a rule.</param>
internal sealed record KeyMap(
    string Whose,
    Regex Serves,
    Func<IReadOnlyDictionary<string, long[]>, string?> Find,
    IReadOnlyList<(Regex Ours, string Theirs)> Renames,
    bool ForPhotos)
{
    /// <summary>Their name for one of our tensors.</summary>
    public string Theirs(string ours)
    {
        foreach (var (form, theirs) in Renames)
            if (form.IsMatch(ours)) return form.Replace(ours, theirs);
        return ours;
    }
}
