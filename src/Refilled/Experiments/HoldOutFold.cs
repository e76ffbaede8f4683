using System.Globalization;
using System.Text.RegularExpressions;

namespace Refilled.Experiments;

/// <summary>One of several parts of the training images, which is held out.</summary>
/// <param name="Number">Which, from 0.</param>
/// <param name="Parts">How many there are.</param>
/// <param name="Seed">Decides how they are divided.</param>
internal sealed partial record HoldOutFold(int Number, int Parts, int Seed)
{
    /// <summary>Reads "number/parts" or "number/parts@seed".</summary>
    /// <exception cref="InputException">It is neither.</exception>
    public static HoldOutFold Parse(string text)
    {
        int Part(Group group) => int.Parse(group.ValueSpan, CultureInfo.InvariantCulture);
        if (Form().Match(text) is { Success: true } match)
        {
            var fold = new HoldOutFold(Part(match.Groups[1]), Part(match.Groups[2]), match.Groups[3].Success ? Part(match.Groups[3]) : 0);
            if (fold.Parts >= 2 && fold.Number < fold.Parts) return fold;
        }
        throw new InputException($"A fold is written as its number from 0 and the number of all, at least two, such as 0/5 to 4/5, not "
            + $"'{text}'.");
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Number}/{Parts}{(Seed == 0 ? "" : $"@{Seed}")}");

    [GeneratedRegex(@"^(\d{1,4})/(\d{1,4})(?:@(\d{1,6}))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
