using System.Globalization;

// Compares the training step of two builds, in turn and in one process, so that whatever else the machine does hits both alike:
//   dotnet run --project eng/StepPairs -c Release -- NEW/Refilled.dll OLD/Refilled.dll [PAIRS [fp32|bf16]]
// WRN-16-1, 128 images of 32×32, all cores.
if (args.Length < 2)
{
    Console.Error.WriteLine("Name the Refilled.dll of two builds.");
    return 2;
}
var pairs = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 20;
var precision = args.Length > 3 ? args[3] : "fp32";
var (first, second) = (new Build(args[0], precision), new Build(args[1], precision));
var times = new List<(double First, double Second)>();
for (var pair = -10; pair < pairs; pair++)
{
    // Each goes first as often as the other.
    var early = pair % 2 == 0 ? first.Step() : second.Step();
    var late = pair % 2 == 0 ? second.Step() : first.Step();
    if (pair >= 0) times.Add(pair % 2 == 0 ? (early, late) : (late, early));
}
double Quantile(IEnumerable<double> values, double part) => values.Order().ElementAt((int)(part * (pairs - 1)));
var ratios = times.Select(pair => pair.First / pair.Second).ToList();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{precision}, {pairs} pairs: median ratio {Quantile(ratios, 0.5):0.000} "
    + $"(quartiles {Quantile(ratios, 0.25):0.000} and {Quantile(ratios, 0.75):0.000}); medians "
    + $"{Quantile(times.Select(pair => pair.First), 0.5):0.0} "
    + $"and {Quantile(times.Select(pair => pair.Second), 0.5):0.0} ms"));
return 0;
