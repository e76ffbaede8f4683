namespace Refilled;

/// <summary>What a random number is for, so that two uses of one seed are independent.</summary>
internal enum SeedStream
{
    Split = 1,
    TakePerClass,
    HoldOut,
    Order,
    View,
    Weights,
    Classifier,
    Dropout,
    Species,
    Individual,
    Connector,
    Episode,
    ClassGroups,
}
