"""The store on an OpenSearch cluster, for any number of machines."""
