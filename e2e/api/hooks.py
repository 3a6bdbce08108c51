"""Read by Schemathesis before it begins.

Schemathesis asks Hypothesis to steer towards requests that succeed. The optimiser that does so ends now and
then with an IndexError of its own (Hypothesis 6.170), which would look like a fault of the API. So nothing is
steered; what is sent comes from the description and the seed alone.
"""

import hypothesis

hypothesis.target = lambda *_observation, **_label: None
