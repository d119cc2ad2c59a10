"""Read the files in which people keep pages: MHTML, `.webarchive`, HAR, WARC and WACZ.

Each reader presents its file as a `SavedArchive`: pages with their own addresses, and responses by address.
"""
