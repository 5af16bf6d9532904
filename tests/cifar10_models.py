"""What runs in the student's process for a saved image classifier. Nothing of the student's own code does."""

BUILD = '''
import json

import torch
from transformers import SwinConfig, SwinForImageClassification, ViTConfig, ViTForImageClassification

KINDS = {"vit": (ViTConfig, ViTForImageClassification), "swin": (SwinConfig, SwinForImageClassification)}


def build(kind, config, weights):
    """The model of a config with saved weights, in evaluation mode, and the first weight that does not fit or "".

    The library's own way to load knows the names that its former versions gave to weights, but not what torch.compile
    and DataParallel put before them.
    """
    config_class, model_class = KINDS[kind]
    weights = {key.replace("_orig_mod.", "").removeprefix("module."): value for key, value in weights.items()}
    model, found = model_class.from_pretrained(
        None,
        config=config_class.from_dict(json.loads(config)),
        state_dict=weights,
        output_loading_info=True,
        ignore_mismatched_sizes=True,
    )
    problems = [
        *(f"key {key}: expected shape {tuple(b)}, found shape {tuple(a)}" for key, a, b in found["mismatched_keys"]),
        *(f"key {key}: found no such key in the file" for key in found["missing_keys"]),
        *(f"key {key}: expected no such key" for key in found["unexpected_keys"]),
    ]
    return model.eval(), min(problems, default="")


def classes(model, images, image_size, mean, std, interpolation):
    """The class of each of the uint8 images (batch, 3, 32, 32), Long (batch,)"""
    images = images.float() / 255
    if images.shape[2:] != (image_size, image_size):
        images = torch.nn.functional.interpolate(images, (image_size, image_size), mode=interpolation)
    mean, std = (torch.tensor(values)[:, None, None] for values in (mean, std))
    return model(pixel_values=(images - mean) / std).logits.argmax(1)
'''
