namespace Refilled.Cli.Demo;

/// <summary>What one method gave.</summary>
/// <param name="Method">Its name.</param>
/// <param name="Top1">Accuracy on the test images after the last epoch, in percent.</param>
/// <param name="Epochs">Epochs of all its stages together.</param>
/// <param name="Seconds">Seconds of training.</param>
public sealed record DemonstrationRow(string Method, double Top1, int Epochs, double Seconds);
