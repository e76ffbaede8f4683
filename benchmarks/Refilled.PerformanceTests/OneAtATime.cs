// What is measured must not measure its neighbour.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
