"""The main job, done as a client company does it: through the public API only. Knows no database and no room.

`story` is the plot; `client` and `events` speak HTTP; `receiver` is the company's webhook address; `show` draws;
`sample` and sample_messages.csv are the data shipped for it, written for this project.
"""
