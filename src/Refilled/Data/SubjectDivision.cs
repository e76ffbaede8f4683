namespace Refilled.Data;

/// <summary>Holds out whole subjects, so that pictures of one never stand on both sides.</summary>
internal static class SubjectDivision
{
    /// <summary>Positions to hold out: about as many of each class as are wanted, at least one where possible.</summary>
    /// <param name="subjects">The images of each subject by their positions, in the order in which they are tried.</param>
    /// <param name="labels">The class of each image.</param>
    /// <param name="wanted">How many of each class are wanted.</param>
    /// <remarks>Subjects are taken that fit; then, for a class that has none yet, the smallest one that leaves every class
    /// something.</remarks>
    public static IEnumerable<int> HeldOut(
        IReadOnlyList<IReadOnlyList<int>> subjects, IReadOnlyList<int> labels, IReadOnlyList<int> wanted)
    {
        var all = Counts(subjects.SelectMany(images => images));
        var held = new Dictionary<int, int>();
        var taken = new HashSet<int>();
        var own = subjects.Select(Counts).ToList();
        Dictionary<int, int> Counts(IEnumerable<int> images) => images.CountBy(i => labels[i]).ToDictionary();
        bool Fits(int subject, Func<int, int> most) =>
            own[subject].All(one => held.GetValueOrDefault(one.Key) + one.Value <= most(one.Key));
        void Take(int subject)
        {
            taken.Add(subject);
            foreach (var (label, count) in own[subject]) held[label] = held.GetValueOrDefault(label) + count;
        }

        for (var s = 0; s < subjects.Count; s++)
            if (Fits(s, label => wanted[label])) Take(s);
        for (var label = 0; label < wanted.Count; label++)
        {
            if (wanted[label] == 0 || held.ContainsKey(label)) continue;
            var fitting = Enumerable.Range(0, subjects.Count)
                .Where(s => !taken.Contains(s) && own[s].ContainsKey(label) && Fits(s, other => all[other] - 1)).ToList();
            if (fitting.Count > 0) Take(fitting.MinBy(s => subjects[s].Count));
        }
        return taken.SelectMany(s => subjects[s]);
    }
}
