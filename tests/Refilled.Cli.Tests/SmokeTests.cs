namespace Refilled.Cli.Tests;

public class SmokeTests { [Fact] public void One() => Assert.True(typeof(SmokeTests).IsPublic); }
