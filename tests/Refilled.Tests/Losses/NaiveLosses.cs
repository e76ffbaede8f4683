namespace Refilled.Tests.Losses;

/// <summary>The losses once more, as plain loops in double precision written from the formulas.</summary>
internal static class NaiveLosses
{
    public static double[] Unit(double[] row)
    {
        var norm = Math.Sqrt(row.Sum(x => x * x));
        return [.. row.Select(x => x / Math.Max(norm, 1e-12))];
    }

    public static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());

    public static List<(int A, int P, int N)> SemiHard(double[][] rows, long[] labels, double margin)
    {
        var unit = rows.Select(Unit).ToArray();
        var found = new List<(int, int, int)>();
        for (var a = 0; a < rows.Length; a++)
            for (var p = 0; p < rows.Length; p++)
                for (var n = 0; n < rows.Length; n++)
                {
                    if (a == p || labels[a] != labels[p] || labels[a] == labels[n]) continue;
                    var gap = Distance(unit[a], unit[n]) - Distance(unit[a], unit[p]);
                    if (gap > 0 && gap <= margin) found.Add((a, p, n));
                }
        return found;
    }

    public static (double Sum, int Count) Triplets(
        double[][] student, double[][] teacher, List<(int A, int P, int N)> triplets, double temperature)
    {
        var (s, t) = (student.Select(Unit).ToArray(), teacher.Select(Unit).ToArray());
        double Nearer(double[][] u, (int A, int P, int N) i) =>
            1 / (1 + Math.Exp(-(Distance(u[i.A], u[i.N]) - Distance(u[i.A], u[i.P])) / temperature));
        double sum = 0;
        foreach (var triplet in triplets)
        {
            var (ps, pt) = (Nearer(s, triplet), Nearer(t, triplet));
            sum += pt * Math.Log(pt / ps) + (1 - pt) * Math.Log((1 - pt) / (1 - ps));
        }
        return (sum, triplets.Count);
    }

    public static (double Sum, int Count) Tuples(
        double[][] student, double[][] teacher, List<(int A, int P, int N)> triplets, double temperature, bool truncate)
    {
        var (s, t) = (student.Select(Unit).ToArray(), teacher.Select(Unit).ToArray());
        var groups = triplets.GroupBy(i => (i.A, i.P)).ToList();
        if (groups.Count == 0) return (0, 0);
        var keep = truncate ? groups.Min(g => g.Count()) : int.MaxValue;
        double sum = 0;
        foreach (var group in groups)
        {
            var others = group.Select(i => i.N).Order().Take(keep).Prepend(group.Key.P).ToArray();
            var q = Softmax([.. others.Select(o => -Distance(s[group.Key.A], s[o]) / temperature)]);
            var p = Softmax([.. others.Select(o => -Distance(t[group.Key.A], t[o]) / temperature)]);
            sum += p.Zip(q, (x, y) => x * Math.Log(x / y)).Sum();
        }
        return (sum, groups.Count);
    }

    /// <param name="ownCentre">The centre of class c as sample i sees it.</param>
    public static (double Sum, int Count) LocalClassifier(
        double[][] teacher, double[][] logits, long[] labels, Func<int, long, double[]?> ownCentre,
        bool inner, double? meanSquare, double teacherTemperature, double studentTemperature)
    {
        var present = labels.Distinct().Order().ToArray();
        var counted = Enumerable.Range(0, labels.Length).Where(i => present.All(c => ownCentre(i, c) is not null)).ToArray();
        double Similarity(double[] embedding, double[] centre) =>
            inner ? embedding.Zip(centre, (x, y) => x * y).Sum() : -Math.Pow(Distance(embedding, centre), 2);
        var similarity = counted.ToDictionary(
            i => i,
            i => present.Select(c => Similarity(teacher[i], ownCentre(i, c)!)).ToArray());
        var scale = meanSquare is { } target ? target / -similarity.Values.SelectMany(row => row).Average() : 1;
        double sum = 0;
        foreach (var i in counted)
        {
            var p = Softmax([.. similarity[i].Select(x => x * scale / teacherTemperature)]);
            var q = Softmax([.. present.Select(c => logits[i][c] / studentTemperature)]);
            sum += p.Zip(q, (x, y) => x * Math.Log(x / y)).Sum();
        }
        return (sum, counted.Length);
    }

    /// <summary>T² KL of the softened probabilities, summed over rows.</summary>
    public static double SoftTargets(double[][] student, double[][] teacher, double temperature)
    {
        double sum = 0;
        for (var i = 0; i < student.Length; i++)
        {
            var (q, p) = (Softmax([.. student[i].Select(x => x / temperature)]), Softmax([.. teacher[i].Select(x => x / temperature)]));
            sum += temperature * temperature * p.Zip(q, (x, y) => x * Math.Log(x / y)).Sum();
        }
        return sum;
    }

    /// <summary>Relational knowledge distillation of a batch: the weighted sum of both means.</summary>
    public static double Relations(double[][] student, double[][] teacher, double distanceWeight, double angleWeight)
    {
        var n = student.Length;
        double Floored(double[][] rows, int i, int j) => i == j ? 0 : Math.Max(1e-6, Distance(rows[i], rows[j]));
        double MeanDistance(double[][] rows)
        {
            double sum = 0;
            for (var i = 0; i < n; i++)
                for (var j = 0; j < n; j++) sum += Floored(rows, i, j);
            return sum / (n * (n - 1));
        }
        double Cosine(double[][] rows, int i, int j, int k)
        {
            var (a, b) = (Distance(rows[i], rows[j]), Distance(rows[i], rows[k]));
            return a == 0 || b == 0 ? 0 : rows[i].Select((x, d) => (rows[j][d] - x) * (rows[k][d] - x)).Sum() / (a * b);
        }
        static double Huber(double x) => Math.Abs(x) < 1 ? x * x / 2 : Math.Abs(x) - 0.5;
        var (s, t) = (MeanDistance(student), MeanDistance(teacher));
        double distances = 0, angles = 0;
        for (var i = 0; i < n; i++)
            for (var j = 0; j < n; j++)
            {
                distances += Huber(Floored(student, i, j) / s - Floored(teacher, i, j) / t);
                for (var k = 0; k < n; k++) angles += Huber(Cosine(student, i, j, k) - Cosine(teacher, i, j, k));
            }
        return distanceWeight * distances / (n * n) + angleWeight * angles / (n * n * n);
    }

    private static double[] Softmax(double[] x)
    {
        var e = x.Select(v => Math.Exp(v - x.Max())).ToArray();
        return [.. e.Select(v => v / e.Sum())];
    }
}
