"""The reader and the models on real files made by others (``JUNHENG_SHARED``)."""
